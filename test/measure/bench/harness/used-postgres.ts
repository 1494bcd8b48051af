import postgres from 'postgres'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

/** Of 16 MiB each: enough for what any benchmark writes before the next checkpoint. */
const SEGMENTS = 64
/** In which the disk gets over it, and over whatever ran before. */
const REST_MS = 3000

/**
 * A Postgres that has been in use, with files of its log to use again, and with room in its memory for what a benchmark writes. A
 * new one makes each file when it comes to it, and every commit meanwhile waits some 12 ms; one as small as the default is soon
 * busy with writing out what it has no room for. Neither is any chat server's doing.
 */
export async function startUsedPostgres(): Promise<PostgresServer> {
  const server = await startPostgres({
    min_wal_size: `${SEGMENTS * 16}MB`,
    max_wal_size: `${SEGMENTS * 32}MB`,
    shared_buffers: '1GB',
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
  await Bun.spawn(['sync']).exited
  await Bun.sleep(REST_MS)
  return server
}
