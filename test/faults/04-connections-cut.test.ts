// Postgres is killed while many connections are in the middle of a statement. The driver's own release now and then forgets, of a
// connection that ended just before it was written to, that nothing is about to be written any more, and then writes nothing over
// the next one either, for ever: .patches/ has the repair. Without it this fails in nearly every run.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connectDatabase, type DatabaseClients } from '../../src/store/connection/connect.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(120_000)

const LANES = 24
const KILLS = 8

let postgres: PostgresServer
let clients: DatabaseClients
let stopped = false
/** By lane. */
const answers = new Array<number>(LANES).fill(0)

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.createDatabase()
  clients = connectDatabase({ url, poolSize: 1, lanes: LANES, prepare: true, statementTimeoutMs: 0 })
})
afterAll(async () => {
  stopped = true
  await clients.close()
  await postgres.remove()
})

test(`each of ${LANES} lanes continues after each of ${KILLS} kills`, async () => {
  for (let lane = 0; lane < LANES; lane++) void ask(lane)
  for (let kill = 0; kill < KILLS; kill++) {
    await everyLaneAnswers(5)
    await postgres.kill()
    await postgres.start()
  }
  expect(await everyLaneAnswers(1)).toBe(true)
})

/** One statement after another, as long as the test lasts. */
async function ask(lane: number): Promise<void> {
  const sql = clients.lanes[lane]
  while (sql !== undefined && !stopped) {
    try {
      await sql`select ${lane}::int`
      answers[lane] = (answers[lane] ?? 0) + 1
    } catch {
      await Bun.sleep(1)
    }
  }
}

function everyLaneAnswers(times: number): Promise<boolean> {
  const before = [...answers]
  return until(
    () => answers.every((count, lane) => count >= (before[lane] ?? 0) + times),
    'every lane to answer',
    20_000,
  )
}
