// The events of rooms besides messages: what the version before left, what it still asks for, and what a newer one has written.
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import type { RoomEvent, Store } from '../../src/core/index.ts'
import { connectDatabase, type DatabaseClients } from '../../src/store/connection/connect.ts'
import { migrate } from '../../src/store/connection/migrations.ts'
import { createStore } from '../../src/store/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { World } from '../ports/world.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { MIGRATIONS, migrationsBefore } from './migrations-before.ts'

const AT = new Date('2025-02-13T10:00:00.123Z')

const OPTIONS = { poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 30_000 }

let sql: Sql
let clients: DatabaseClients
let store: Store
let folder: string

beforeEach(async () => {
  const url = await (await sharedPostgres()).createDatabase()
  sql = postgres(url, { max: 2, onnotice: () => undefined })
  clients = connectDatabase({ ...OPTIONS, url })
  store = createStore(clients.sql, clients.lanes, { queryTimeoutMs: 30_000 })
  folder = await mkdtemp(join(tmpdir(), 'parley-migrations-'))
})
afterEach(async () => {
  await clients.close()
  await sql.end()
  await rm(folder, { recursive: true })
})

test('events written by the previous version are read unchanged', async () => {
  await migrate(sql, await migrationsBefore('room_events', folder))
  const [ann, bob] = await sql`
    insert into users (username, username_key, kind) values ('ann', 'ann', 'open'), ('bob', 'bob', 'open')
    returning id::int as id, username`
  const [room] = await sql`
    insert into rooms (name, kind, description, avatar, last_seq) values ('lobby', 'public', 'words', 'a.png', 4)
    returning id::int as id`
  const rows = [
    { seq: 1, user: ann, change: 'joined', role: 'owner' },
    { seq: 2, user: bob, change: 'invited', role: null },
    { seq: 3, user: bob, change: 'removed', role: null },
    { seq: 4, user: ann, change: 'described', role: null },
  ]
  for (const row of rows) {
    await sql`insert into member_events (room_id, seq, user_id, actor_id, change, role, created_at)
      values (${room?.id}, ${row.seq}, ${row.user?.id}, ${ann?.id}, ${row.change}, ${row.role}, ${AT.toISOString()})`
  }
  // As a node of that version asks, before and after the migration, with one prepared statement.
  const ask = () => sql`
    select e.seq::int, e.change, e.role from (select * from member_events where room_id = ${room?.id} and seq > 0) e order by seq`
  const before = [...(await ask())]
  await migrate(sql, MIGRATIONS)
  expect([...(await ask())]).toEqual(before)

  const roomId = id(room?.id)
  const [owner, other] = [ann, bob].map((user) => ({ id: id(user?.id), username: `${user?.username}` }))
  const facts = { roomId, actor: present(owner), at: AT }
  const events: RoomEvent[] = [
    { ...facts, type: 'joined', seq: id(1), user: present(owner), role: 'owner' },
    { ...facts, type: 'invited', seq: id(2), user: present(other), role: null },
    { ...facts, type: 'removed', seq: id(3), user: present(other), role: null },
    { ...facts, type: 'described', seq: id(4), description: 'words', avatar: 'a.png', metadata: null },
  ]
  expect(await store.changes(roomId, seq(0), 10)).toEqual({ events, head: seq(4), readAt: seq(4) })
})

test('a function of the previous version that still runs after the migration writes and removes events', async () => {
  await migrate(sql, MIGRATIONS)
  const world = new World({ store, other: store })
  const ann = await world.user()
  const room = await world.room([ann])
  await sql`insert into member_events (room_id, seq, user_id, actor_id, change, role, created_at)
    values (${room.id}, 2, ${ann.id}, ${ann.id}, 'left', null, ${AT.toISOString()})`
  await sql`update rooms set last_seq = 2 where id = ${room.id}`
  const { events } = present(await store.changes(room.id, seq(1), 10))
  expect(events).toMatchObject([{ type: 'left', seq: id(2), user: { id: ann.id }, at: AT }])
  await sql`delete from member_events where room_id = ${room.id} and seq in
    (select seq from member_events where room_id = ${room.id} order by seq limit 10)`
  expect(await store.changes(room.id, seq(0), 10)).toMatchObject({ events: [], head: seq(2) })
})

test('events of a newer version are counted but not shown, in pages of any size', async () => {
  await migrate(sql, MIGRATIONS)
  const world = new World({ store, other: store })
  const [ann, bob] = await world.pair()
  const room = await world.room([ann])
  const truth = [seq(1)]
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i <= round; i++) await pin(room.id, ann.id)
    const [message] = await world.send(room, ann, `message ${round}`)
    truth.push(present(message).seq, (await world.join(room, bob)).seq)
    await pin(room.id, ann.id)
    truth.push((await world.leave(room, bob)).seq)
  }
  await pin(room.id, ann.id)
  const head = seq(present(await world.head(room)))
  expect(head).toBe(seq(28))
  for (const limit of [1, 2, 3, 5, 50]) {
    for (let from = 0; from <= head; from++) {
      const told: number[] = []
      for (let at = seq(from); at < head; ) {
        const page = present(await store.changes(room.id, at, limit))
        expect(page.head).toBeGreaterThan(at)
        expect(page.readAt).toBe(head)
        told.push(...page.events.map((event) => event.seq))
        at = page.head
      }
      expect(told).toEqual(truth.filter((number) => number > from))
    }
  }
  const former = await sql`select seq from member_events where change = 'pinned'`
  expect([...former]).toEqual([])
  const access = await world.accessFacts(room, ann)
  await store.deleteRoom(access, ann.id)
  while (await store.sweep());
  expect([...(await sql`select from room_events where room_id = ${room.id}`)]).toEqual([])
})

/** Writes what a newer version's function might. */
async function pin(room: number, actor: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`insert into room_events (room_id, seq, actor_id, type, created_at, payload)
      values (${room}, parley_lock(${room}) + 1, ${actor}, 'pinned', now(), '{"message": 1}')`
    await tx`update rooms set last_seq = last_seq + 1 where id = ${room}`
  })
}
