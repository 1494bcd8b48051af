import postgres, { type Sql } from 'postgres'
import { type Route, routesOf } from '../../api/support/routes.ts'
import { call } from '../../api/v2/rest/support/client.ts'
import { makePeople, makeRooms, type Person } from '../../faults/support/people.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import type { Limits } from './limits.ts'

/** What is attacked. */
export interface Scene {
  readonly node: ParleyProcess
  readonly routes: readonly Route[]
  /** Owns the rooms, and is not used by attacks. */
  readonly owner: Person
  /** Members of the rooms, until a request takes them out, or ends their tokens. */
  readonly people: readonly Person[]
  /** Members who stay, for sockets. */
  readonly talkers: readonly Person[]
  readonly rooms: readonly number[]
  /** The name of the first of them. */
  readonly roomName: string
  /** A direct chat of the first two talkers. */
  readonly direct: number
  /** The most bytes of a body or a frame. */
  readonly mostBytes: number
  readonly sql: Sql
  close(): Promise<void>
}

const PEOPLE = 24
const TALKERS = 6
const ROOMS = 3
/** Accounts that lists go through. */
const USERS = 3000
/** Messages in the first room and in the direct chat, which pages and counts go through. */
const MESSAGES = 100_000
/** Messages in the second room, each as long as may be, of a character that takes six in JSON. */
const LONG_MESSAGES = 100

/** A server of its own, whose clients may name their addresses: what one may do of each is not what is looked at. */
export async function openScene({ env, mostBytes }: Limits): Promise<Scene> {
  const databaseUrl = await createMigratedDatabase()
  const node = await startParley({ DATABASE_URL: databaseUrl, TRUSTED_PROXIES: '127.0.0.1', ...env })
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })
  const [owner, ...others] = await makePeople(sql, 1 + PEOPLE + TALKERS)
  const [people, talkers] = [others.slice(TALKERS), others.slice(0, TALKERS)]
  const [first, second] = talkers
  if (owner === undefined || first === undefined || second === undefined) throw new Error('there is nobody')
  await sql`
    insert into users (username, username_key) select name, name from (
      select 'user-' || n as name from generate_series(1, ${USERS}::int) n) names`
  const rooms = await makeRooms(node, [owner, ...others], ROOMS)
  const [room, longRoom] = rooms
  if (room === undefined || longRoom === undefined) throw new Error('there are no rooms')
  const direct = idIn((await call(node, first, 'POST', '/directs', { user: second.id })).json)
  await fillRoom(sql, room, owner.id, MESSAGES, 1)
  await fillRoom(sql, direct, second.id, MESSAGES, 1)
  await fillRoom(sql, longRoom, owner.id, LONG_MESSAGES, Number(env.MAX_MESSAGE_LENGTH ?? 4000))
  await sql`analyze`
  const [named] = await sql<{ name: string }[]>`select name from rooms where id = ${room}`
  return {
    node,
    routes: await routesOf(node),
    owner,
    people,
    talkers,
    rooms,
    roomName: named?.name ?? '',
    direct,
    mostBytes,
    sql,
    async close() {
      await sql.end()
      await node.remove()
    },
  }
}

/** Written past the server, which would take long for so many. */
async function fillRoom(
  sql: Sql,
  room: number,
  sender: number,
  count: number,
  length: number,
): Promise<void> {
  await sql.begin(async (tx) => {
    const [before] = await tx<{ seq: number }[]>`
      select last_seq::float8 as seq from rooms where id = ${room} for update`
    const base = before?.seq ?? 0
    await tx`
      insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at)
      select ${room}::bigint, ${base}::bigint + n, nextval('message_ids'), ${sender}::bigint, ${`${room}-`}::text || n, 'text',
        repeat(chr(1), ${length}::int), now()
      from generate_series(1, ${count}::int) n`
    await tx`
      update rooms set last_seq = last_seq + ${count}::int, message_count = message_count + ${count}::int where id = ${room}`
  })
}

function idIn(json: unknown): number {
  const id = typeof json === 'object' && json !== null && 'id' in json ? json.id : null
  if (typeof id !== 'number') throw new Error(`no id in ${JSON.stringify(json)}`)
  return id
}
