// Replies from before there were threads, which a sweep gathers, as if they had been sent since.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import type { Message, Room, Seq, Store, User } from '../../src/core/index.ts'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { createStore } from '../../src/store/index.ts'
import { present } from '../core/fakes/values.ts'
import { batchOf, World } from '../ports/world.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

let sql: Sql
let store: Store
let close: () => Promise<unknown>
let world: World
let ann: User
let bob: User
let room: Room

beforeAll(async () => {
  const url = await createMigratedDatabase()
  const database = connectDatabase({ url, poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 10_000 })
  ;({ sql, close } = database)
  store = createStore(sql, database.lanes, { queryTimeoutMs: 10_000 })
  world = new World({ store, other: store })
  ;[ann, bob] = await world.pair()
  room = await world.room([ann, bob])
})
afterAll(() => close())

async function reply(user: User, to: Seq): Promise<Message> {
  const { seqs } = await store.append(0, batchOf([world.draft(room, user, { replyTo: to })]))
  return world.read(room, { seq: present(seqs[0]) })
}

async function shown() {
  const show = { tombstones: true, viewer: ann.id }
  const { threads, messages } = await store.history(room.id, 'latest', 200, show)
  return {
    threads: [...threads.values()].map(({ changedSeq: _, ...thread }) => thread),
    roots: messages.map((message) => message.root),
  }
}

test('are gathered piece by piece, nested and deleted ones too, and go on with new replies', async () => {
  const [one, two] = await world.send(room, ann, 'one', 'two')
  const first = await reply(bob, present(one).seq)
  const nested = await reply(ann, first.seq)
  await reply(bob, nested.seq)
  await reply(bob, present(two).seq)
  await world.revise(room, bob, await reply(bob, present(two).seq), null)
  await world.revise(room, ann, await reply(ann, nested.seq), null)
  const expected = await shown()
  // As it was before: nothing but what the replies answer is known.
  await sql`update messages set thread = null`
  for (const table of [
    'threads',
    'thread_replies',
    'thread_participants',
    'thread_follows',
    'thread_progress',
  ]) {
    await sql`delete from ${sql(table)}`
  }
  await sql`insert into thread_progress (done_id, until_id) select 0, max(id) from messages`
  const later = await reply(bob, nested.seq)
  expect(later.root).toBe(present(one).seq)
  let looked = 0
  for (let seen = 1; seen > 0; looked += seen) {
    const [row] = await sql<{ seen: number }[]>`select seen from parley_gather_threads(2)`
    seen = row?.seen ?? 0
  }
  expect(looked).toBe(8)
  await world.revise(room, bob, later, null)
  const after = await shown()
  expect({ ...after, roots: after.roots.slice(0, -1) }).toEqual(expected)
  const [row] = await sql<{ seen: number }[]>`select seen from parley_gather_threads(2)`
  expect(row?.seen).toBe(0)
})
