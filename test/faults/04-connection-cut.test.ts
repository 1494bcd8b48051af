// A database connection ends in the very moment between a statement's being asked for and its being written, as under load it
// sometimes does when Postgres is killed: the statement fails, and the next ones find a new connection.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connectDatabase, type DatabaseClients } from '../../src/store/connect.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

let clients: DatabaseClients

beforeAll(async () => {
  const url = await (await sharedPostgres()).createDatabase()
  clients = connectDatabase({ url, poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 })
})
afterAll(() => clients.close())

test.each(['the pool', 'a lane'])('%s recovers at once', async (which) => {
  const sql = which === 'the pool' ? clients.sql : clients.lanes[0]
  if (sql === undefined) throw new Error('there is no lane')
  for (let round = 0; round < 3; round++) {
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    const outcome = await new Promise<string>((resolve) => {
      // In this phase of the event loop, so that what is asked for is written in the next round, after the end was seen.
      setImmediate(() => {
        process.kill(row?.pid ?? 0, 'SIGTERM')
        standStill(100)
        sql`select ${round}::int`.then(
          () => resolve('answered'),
          () => resolve('failed'),
        )
      })
    })
    expect(outcome).toBe('failed')
    const start = performance.now()
    await until(
      () =>
        sql`select ${round}::int`.then(
          () => true,
          () => false,
        ),
      'a statement to be answered',
    )
    expect(performance.now() - start).toBeLessThan(3000)
  }
})

/** Nothing is read meanwhile, so that all that comes is seen at once afterwards. */
function standStill(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
