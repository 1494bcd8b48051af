import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { createStore } from '../../src/store/index.ts'
import { register } from '../api/support/accounts-client.ts'
import { startApp, type TestApp } from '../support/app.ts'

let app: TestApp
let sql: Sql

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1 })
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

test('clients not seen for half a year are removed in batches, as are those of removed users', async () => {
  const accounts = [await register(app), await register(app), await register(app)]
  const [ann = 0, bob = 0, eve = 0] = accounts.map(({ id }) => Number(id))
  await sql`
    insert into known_clients (user_id, client, seen_at)
    select ${ann}::bigint, sha256(n::text::bytea), now() - interval '181 days' from generate_series(1, 2500) n`
  await sql`update known_clients set seen_at = now() - interval '179 days' where user_id = ${bob}`
  await sql`delete from users where id = ${eve}`
  const store = createStore(sql, [sql], { queryTimeoutMs: 30_000 })
  while (await store.sweep());
  const left = await sql<{ id: number }[]>`select user_id::int as id from known_clients order by user_id`
  // The one of each from where it was made.
  expect(left.map(({ id }) => id)).toEqual([ann, bob])
})
