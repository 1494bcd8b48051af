// What makes a process ready: a database that answers, with the schema that the server needs.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'

let app: TestApp
let sql: Sql

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

async function readiness(): Promise<unknown> {
  const { status, json } = await ask('GET', `${app.url}/readyz`)
  return { status, json }
}

const ready = { status: 200, json: { status: 'ready' } }
const away = { status: 503, json: { status: 'unavailable', reason: 'database' } }

test.each([
  [
    'its schema is gone',
    'alter schema public rename to elsewhere',
    'alter schema elsewhere rename to public',
  ],
  ['a table is gone', 'alter table messages rename to elsewhere', 'alter table elsewhere rename to messages'],
])('a database that answers is not enough to be ready: %s', async (_, remove, restore) => {
  expect(await readiness()).toEqual(ready)
  await sql.unsafe(remove)
  try {
    expect(await readiness()).toEqual(away)
    expect((await ask('GET', `${app.url}/healthz`)).status).toBe(200)
  } finally {
    await sql.unsafe(restore)
  }
  expect(await readiness()).toEqual(ready)
})
