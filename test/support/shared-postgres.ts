import { type PostgresServer, startPostgres } from './postgres-server.ts'

/**
 * The one Postgres that all test files of a run share, started by the first that asks. Each suite takes a database of its own
 * from it with `createDatabase()`, and nobody stops, kills or pauses it: for that, start another with `startPostgres`.
 * It ends with the test process.
 */
export function sharedPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres()
  return shared
}

// Held by the module, against the house's custom, since what shares it is exactly this process.
let shared: Promise<PostgresServer> | undefined
