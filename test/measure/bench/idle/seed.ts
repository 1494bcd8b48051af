import postgres from 'postgres'
import { toArray } from '../../../../src/store/sql/pg-array.ts'

export interface Seeded {
  readonly id: number
  readonly token: string
}

/** Users with a token each, by the thousand: over REST it would take minutes. Once the server has made its tables. */
export async function seedUsers(databaseUrl: string, count: number): Promise<Seeded[]> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const rows = await sql<Seeded[]>`
      with made as (
        insert into users (username, username_key, kind)
        select 'crowd-' || n, 'crowd-' || n, 'open' from generate_series(1, ${count}::int) n returning id
      ), named as materialized (
        select id, substr(encode(sha256(convert_to(random()::text || id, 'UTF8')), 'hex'), 1, 40) as token from made
      ), kept as (
        insert into tokens (hash, user_id, kind, expires_at)
        select sha256(convert_to(token, 'UTF8')), id, 'token', now() + interval '1 day' from named
      )
      select id::float8 as id, token from named order by id`
    return [...rows]
  } finally {
    await sql.end()
  }
}

/** Returns a new token of a user who is there already. */
export async function seedToken(databaseUrl: string, user: number): Promise<string> {
  const token = crypto.getRandomValues(new Uint8Array(20)).toHex()
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    await sql`
      insert into tokens (hash, user_id, kind, expires_at)
      values (sha256(convert_to(${token}, 'UTF8')), ${user}, 'token', now() + interval '1 day')`
    return token
  } finally {
    await sql.end()
  }
}

/** Public rooms in which nothing has happened yet. @param rooms the members of each. @returns the rooms' ids, in the order given */
export async function seedRooms(
  databaseUrl: string,
  rooms: readonly (readonly number[])[],
): Promise<number[]> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const made = await sql<{ id: number }[]>`
      insert into rooms (name, kind, member_count)
      select 'crowd room ' || n, 'public', members
      from unnest(${toArray(rooms.map(({ length }) => length))}::text::int[]) with ordinality w(members, n) order by n
      returning id::float8 as id`
    const ids = made.map(({ id }) => id)
    const places = rooms.flatMap((members, i) => members.map(() => ids[i] ?? null))
    await sql`
      insert into members (room_id, user_id, role)
      select room, member, 'member'
      from unnest(${toArray(places)}::text::bigint[], ${toArray(rooms.flat())}::text::bigint[]) w(room, member)`
    await sql`analyze`
    return ids
  } finally {
    await sql.end()
  }
}
