// What ended long ago leaves users' lists of memberships, and the lists say so.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Sql } from 'postgres'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { createStore } from '../../src/store/index.ts'
import { id, seq } from '../core/fakes/values.ts'
import { World } from '../ports/world.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

let sql: Sql
let world: World

beforeAll(async () => {
  sql = connectDatabase({ ...OPTIONS, url: await createMigratedDatabase() }).sql
  const store = createStore(sql, [sql], { queryTimeoutMs: 10_000 })
  world = new World({ store, other: store })
})
afterAll(() => sql.end())

test('what ended more than 90 days ago is removed, what lasts stays, and the list says up to where it has gaps', async () => {
  const [ann, bob] = await world.pair()
  const rooms = [await world.room([ann, bob]), await world.room([ann, bob]), await world.room([ann, bob])]
  const [left, kept, later] = rooms
  if (!left || !kept || !later) throw new Error('three rooms were made')
  await world.leave(left, bob)
  await sql`update membership_changes set created_at = created_at - interval '91 days'`
  await world.leave(later, bob)
  while (await world.store.sweep());
  const [own] = await world.store.membershipChangesOf([{ user: bob.id, after: seq(0) }], 10)
  expect(own?.changes.map(({ roomId, type, seq: at }) => [roomId, type, at])).toEqual([
    [kept.id, 'joined', id(2)],
    [later.id, 'left', id(5)],
  ])
  expect(own).toMatchObject({ upTo: seq(5), head: seq(5), forgotten: seq(4) })
  const [others] = await world.store.membershipChangesOf([{ user: ann.id, after: seq(0) }], 10)
  expect(others).toMatchObject({ head: seq(3), forgotten: seq(0) })
  expect(others?.changes).toHaveLength(3)
})

const OPTIONS = { poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 10_000 }
