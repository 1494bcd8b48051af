import postgres from 'postgres'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import { until } from '../../../support/until.ts'

/** Postgres's processes report what they have executed within a second or so. */
const REPORT_MS = 1100
/** A server executes a few statements of its own now and then. */
const OWN = 10
const PATIENCE_MS = 60_000

/**
 * Counts the statements, each a transaction of its own, that a database has executed so far. Waits until no more than a few are
 * added in a second, which takes two seconds or more.
 */
export async function statementsExecuted(server: PostgresServer, databaseUrl: string): Promise<number> {
  const name = new URL(databaseUrl).pathname.slice(1)
  const sql = postgres(server.url('postgres'), { max: 1 })
  try {
    let before = Number.NaN
    return await until(
      async () => {
        await Bun.sleep(REPORT_MS)
        const [row] = await sql<{ n: number }[]>`
        select (xact_commit + xact_rollback)::float8 as n from pg_stat_database where datname = ${name}`
        const now = row?.n ?? Number.NaN
        const still = now - before < OWN
        before = now
        return still && now
      },
      'the end of all statements',
      PATIENCE_MS,
    )
  } finally {
    await sql.end()
  }
}
