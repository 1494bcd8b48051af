import { join } from 'node:path'
import postgres from 'postgres'
import { migrate } from '../../src/store/connection/migrations.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

const MIGRATIONS = join(import.meta.dir, '../../drizzle')

/**
 * The one Postgres that all test files of a process share, started by the first that asks. Each suite takes a database of its
 * own from it with `createDatabase()`, and nobody stops, kills or pauses it: for that, start another with `startPostgres`.
 * It writes nothing through to the disk, since it ends with the test process.
 */
export function sharedPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres({ fsync: 'off', full_page_writes: 'off' })
  return shared
}

/** Resolves to the URL of a new database of the shared Postgres with this build's schema, as `migrate` leaves it. */
export async function createMigratedDatabase(): Promise<string> {
  const server = await sharedPostgres()
  template ??= createTemplate(server)
  return await server.createDatabase(await template)
}

/** Copying a database takes half of the time that migrating one does. */
async function createTemplate(server: PostgresServer): Promise<string> {
  const url = await server.createDatabase()
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await migrate(sql, MIGRATIONS)
  await sql.end()
  return new URL(url).pathname.slice(1)
}

// Held by the module, against the house's custom, since what shares them is exactly this process.
let shared: Promise<PostgresServer> | undefined
let template: Promise<string> | undefined
