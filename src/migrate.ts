/* `bun run migrate`: migrates the database to the schema of this version. Prints one line; exits with 1 if it fails. */
import { fileURLToPath } from 'node:url'
import { loadConfig } from './config.ts'
import { failureLine } from './server/index.ts'
import {
  awaitDatabase,
  connectDatabase,
  type Failure,
  migrate,
  openFailure,
} from './store/connection/index.ts'
import { startEmbedded } from './store/embedded/index.ts'

try {
  const applied = await migrateDatabase()
  console.log(applied === 0 ? 'The database is up to date' : `Migrations applied: ${applied}`)
} catch (error) {
  fail(error)
}

async function migrateDatabase(): Promise<number> {
  const { database, dataDir } = loadConfig(process.env)
  const embedded = database.url === undefined ? await startEmbedded({ dataDir, onCrash: fail }) : undefined
  const options = { ...database, poolSize: 1, lanes: 0, statementTimeoutMs: 0 }
  const { sql, openOne, close } = connectDatabase(options, embedded?.connection)
  try {
    if (openOne !== null) {
      await awaitDatabase(openOne, options, { deadlineMs: database.startDeadlineMs, onWait })
    }
    return await migrate(sql, fileURLToPath(new URL('../drizzle', import.meta.url)))
  } catch (error) {
    throw openFailure(error, embedded === undefined ? 'DATABASE_URL' : 'DATA_DIR')
  } finally {
    await close()
    await embedded?.close()
  }
}

function onWait({ code, cause }: Failure): void {
  console.error(`Waiting for the database: ${cause} (${code})`)
}

function fail(error: unknown): never {
  console.error(failureLine(error))
  process.exit(1)
}
