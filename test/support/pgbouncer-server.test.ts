import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { type PgBouncerServer, startPgBouncer } from './pgbouncer-server.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { until } from './until.ts'

let server: PostgresServer
let pooler: PgBouncerServer
let url: string

beforeAll(async () => {
  server = await startPostgres()
  url = await server.createDatabase()
  pooler = await startPgBouncer(server, { default_pool_size: '1' })
})
afterAll(async () => {
  await pooler.remove()
  await server.remove()
})

test('a PgBouncer hands one connection to transactions in turn, and comes back after a kill', async () => {
  const database = new URL(url).pathname.slice(1)
  const options = { max: 1, prepare: false, fetch_types: false, backoff: () => 0.05 }
  const [one, two] = [postgres(pooler.url(database), options), postgres(pooler.url(database), options)]
  const backend = async (sql: typeof one) => Number((await sql`select pg_backend_pid() as pid`)[0]?.pid)
  const first = await backend(one)
  expect(await backend(two)).toBe(first)

  await pooler.kill()
  await expect(backend(one)).rejects.toThrow()
  await pooler.start()
  expect(await until(() => backend(one).catch(() => null), 'the pooler to answer')).toBeGreaterThan(0)
  await Promise.all([one, two].map((sql) => sql.end({ timeout: 0 })))
})
