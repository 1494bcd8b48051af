import type { Sql } from 'postgres'
import { Room } from '../../../src/api/v2/wire/index.ts'
import { bodyOf, call } from '../../api/v2/rest/support/client.ts'
import type { Person } from '../../support/person.ts'

export type { Person }

export interface ServerUrls {
  readonly url: string
}

/** Accounts with a token each, made in the database itself: no password is hashed, so there may be hundreds. */
export async function makePeople(sql: Sql, count: number): Promise<Person[]> {
  const names = Array.from({ length: count }, () => `user-${crypto.randomUUID()}`)
  const rows = await sql<{ id: number; username: string }[]>`
    insert into users (username, username_key) select name, name from unnest(${names}::text[]) name
    returning id::float8 as id, username`
  const people = rows.map((row) => ({ ...row, token: newToken() }))
  const hashes = people.map(({ token }) => hashOf(token).toHex())
  await sql`
    insert into tokens (hash, user_id, kind, expires_at)
    select decode(hash, 'hex'), id, 'token', now() + interval '1 day'
    from unnest(${hashes}::text[], ${people.map(({ id }) => id)}::bigint[]) as t (hash, id)`
  return people
}

/** One more token of somebody's. @param lifeMs by the database's clock */
export async function makeToken(sql: Sql, user: number, lifeMs = 86_400_000): Promise<string> {
  const token = newToken()
  await sql`
    insert into tokens (hash, user_id, kind, expires_at)
    values (${hashOf(token)}, ${user}, 'token', now() + ${lifeMs}::int * interval '1 millisecond')`
  return token
}

function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex()
}

function hashOf(token: string): Buffer {
  return new Bun.CryptoHasher('sha256').update(token).digest()
}

/** Creates public rooms of the first user, which all users have joined. @returns their ids */
export async function makeRooms(
  server: ServerUrls,
  people: readonly Person[],
  count: number,
): Promise<number[]> {
  const [owner, ...others] = people
  if (owner === undefined) throw new Error('a room needs somebody')
  const rooms: number[] = []
  for (let i = 0; i < count; i++) {
    const made = { name: `room ${crypto.randomUUID()}`, kind: 'public' }
    rooms.push(bodyOf(await call(server, owner, 'POST', '/rooms', made), 201, Room).id)
  }
  // All rooms at once, because joins of the same room wait for each other.
  for (let from = 0; from < others.length; from += AT_ONCE) {
    const some = others.slice(from, from + AT_ONCE)
    await Promise.all(rooms.flatMap((room) => some.map((person) => join(server, person, room))))
  }
  return rooms
}

export async function join(server: ServerUrls, person: Person, room: number): Promise<void> {
  bodyOf(await call(server, person, 'PUT', `/rooms/${room}/members/me`), 200, Room)
}

const AT_ONCE = 32
