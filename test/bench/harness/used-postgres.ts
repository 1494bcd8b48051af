import postgres from 'postgres'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

/** Of 16 MiB each: enough for what any benchmark writes before the next checkpoint. */
const SEGMENTS = 64
/** In which the disk gets over it. */
const REST_MS = 3000

/**
 * A Postgres that has been in use, with files of its log to use again. A new one makes each file when it comes to it, and every
 * commit meanwhile waits some 12 ms: which is no server's doing, and is over after its first hour.
 */
export async function startUsedPostgres(): Promise<PostgresServer> {
  const server = await startPostgres({
    min_wal_size: `${SEGMENTS * 16}MB`,
    max_wal_size: `${SEGMENTS * 32}MB`,
  })
  const sql = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined })
  await sql`create table written (at timestamptz)`
  for (let i = 0; i < SEGMENTS; i++) {
    await sql`insert into written values (now())`
    await sql`select pg_switch_wal()`
  }
  await sql`drop table written`
  await sql`checkpoint`
  await sql.end()
  await Bun.sleep(REST_MS)
  return server
}
