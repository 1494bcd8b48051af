/*
 * Connections to Postgres: clients, failures, outages, migrations.
 */
export { connectDatabase } from './connect.ts'
export { openDatabase } from './database.ts'
export { codeOf, type Failure, READ_ONLY } from './failure.ts'
export { FOREIGN_KEY_VIOLATION, type Guard, guarded, NEEDS_CARE, UNIQUE_VIOLATION } from './guard.ts'
export { migrate } from './migrations.ts'
export { openFailure } from './open-failure.ts'
export { type OutageOptions, watchOutages } from './outage.ts'
export { awaitDatabase } from './wait.ts'
