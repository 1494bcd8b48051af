// The counts of rooms' blocks are those of their messages, whatever has been done to the rooms.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import type { Room, User } from '../../src/core/index.ts'
import { migrate } from '../../src/store/connection/migrations.ts'
import { createStore } from '../../src/store/index.ts'
import { present, seq } from '../core/fakes/values.ts'
import { batchOf, World } from '../ports/world.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

const MIGRATIONS = join(import.meta.dir, '../../drizzle')
const BLOCK = 1024

let sql: Sql
let world: World
let people: [User, User]

beforeAll(async () => {
  sql = await freshDatabase()
  await migrate(sql, MIGRATIONS)
  const store = createStore(sql, [sql], { queryTimeoutMs: 30_000 })
  world = new World({ store, other: store })
  people = await world.pair()
})
afterAll(async () => {
  for (const close of closers) await close()
})

test('one batch writes to several rooms, each past the end of a block', async () => {
  const [ann, bob] = people
  const rooms: Room[] = [(await world.store.openDirect(ann.id, bob.id)).room]
  for (let i = 0; i < 5; i++) rooms.push(await world.room([ann, bob]))
  for (let turn = 0; turn < 4; turn++) await say(rooms, 300)
  await expectCounted()
  expect(await blocks()).toHaveLength(rooms.length)
})

test('a batch spans several blocks, with deletions in each of them', async () => {
  const [ann, bob] = people
  const direct = (await world.store.openDirect(bob.id, (await world.user()).id)).room
  await say([direct], 3500, bob)
  const room = await world.room([ann, bob])
  await say([room], 3500)
  for (const where of [direct, room]) {
    for (const at of [5, 1023, 1024, 1025, 2500, 3400]) {
      const message = await world.read(where, { seq: seq(at) })
      await world.revise(where, message.sender, message, null)
    }
  }
  await expectCounted()
})

test('a retry is resolved draft by draft', async () => {
  const room = await world.room(people)
  const drafts = Array.from({ length: 1500 }, () => world.draft(room, people[0]))
  await world.store.append(0, batchOf(drafts.slice(0, 700)))
  await world.store.append(0, batchOf(drafts))
  await expectCounted()
})

test('a deleted room leaves nothing', async () => {
  const room = await world.room(people)
  await say([room], 1100)
  await world.store.deleteRoom(await world.accessFacts(room, people[0]), people[0].id)
  while (await world.store.sweep());
  expect(await sql`select from message_blocks where room_id = ${room.id}`).toHaveLength(0)
  await expectCounted()
})

test('messages older than the blocks are counted', async () => {
  const older = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'parley-older-'))
  closers.push(async () => rmSync(folder, { recursive: true }))
  await cp(MIGRATIONS, folder, { recursive: true })
  const path = join(folder, 'meta/_journal.json')
  const journal: { entries: { tag: string }[] } = JSON.parse(await readFile(path, 'utf8'))
  const first = journal.entries.findIndex(({ tag }) => tag.endsWith('_blocks'))
  expect(first).toBeGreaterThan(0)
  await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, first) }))
  await migrate(older, folder)
  await older`insert into rooms (id, kind, last_seq, direct_low, direct_high) overriding system value
    values (1, 'direct', 5000, 7, 8), (2, 'public', 2048, null, null), (3, 'public', 1023, null, null)`
  await older`insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at, deleted_at)
    select r.id, n, r.id * 10000 + n, 7 + n % 2, r.id || ':' || n, 'text', '', now(), case when n % 9 = 0 then now() end
    from rooms r, generate_series(1, r.last_seq) n where n % 5 <> 0`
  await migrate(older, MIGRATIONS)
  expect(await blocks(older)).toHaveLength(4 + 2)
  await expectCounted(older)
})

/** So many messages in each, by both or by one, in one batch. */
async function say(rooms: readonly Room[], count: number, only?: User): Promise<void> {
  const drafts = rooms.flatMap((room) =>
    Array.from({ length: count }, (_, i) => world.draft(room, only ?? present(people[i % 2]))),
  )
  await world.store.append(0, batchOf(drafts))
}

async function expectCounted(of = sql): Promise<void> {
  const counted = await of`
    select r.id::int as room, block::int,
      count(m.seq) filter (where m.deleted_at is null)::int as messages,
      count(m.seq) filter (where m.deleted_at is null and m.sender_id = r.direct_low)::int as low
    from rooms r cross join generate_series(0, r.last_seq / ${BLOCK}::int - 1) block
    left join messages m on m.room_id = r.id and (m.seq - 1) / ${BLOCK}::int = block
    group by r.id, block order by r.id, block`
  expect(await blocks(of)).toEqual([...counted])
}

async function blocks(of = sql): Promise<unknown[]> {
  return [
    ...(await of`
      select room_id::int as room, block::int, messages, of_low as low from message_blocks order by room_id, block`),
  ]
}

async function freshDatabase(): Promise<Sql> {
  const client = postgres(await (await sharedPostgres()).createDatabase(), {
    onnotice: () => undefined,
    max: 1,
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  })
  closers.push(() => client.end())
  return client
}

const closers: (() => Promise<void>)[] = []
