import { startEmbedded, startUpkeep } from '../embedded/index.ts'
import { connectDatabase, type DatabaseClients, type DatabaseOptions } from './connect.ts'
import type { Failure } from './failure.ts'
import { checkSchema, migrate } from './migrations.ts'
import { openFailure } from './open-failure.ts'
import { awaitDatabase } from './wait.ts'

export interface OpenOptions {
  readonly database: DatabaseOptions & {
    /** Milliseconds to wait for a server; 0 for a single attempt. */
    readonly startDeadlineMs?: number
  }
  /** Where the embedded database lives. */
  readonly dataDir: string
  /** Whether to migrate a schema that is behind; an embedded database is always migrated. */
  readonly migrate: boolean
  readonly migrations: string
  /** Called when the embedded database has ended by itself: nothing can be read or written any more. */
  readonly onCrash: (error: Error) => void
  /** Called when a piece of the embedded database's housekeeping has failed; it is retried. */
  readonly onUpkeepError: (error: unknown) => void
  /** Called when the server does not serve yet and is waited for. */
  readonly onWait?: (failure: Failure) => void
  /** Called with one line if the operator should change a setting of the server, or know how the embedded database was found. */
  readonly onWarning?: (text: string) => void
}

/**
 * Opens the database with the schema that this build knows: the Postgres server of the URL, or the embedded one if there is no URL.
 * @throws SetupError if it cannot be opened, if it has the schema of another program or version, or if its schema is behind and
 * `migrate` is false
 */
export async function openDatabase(options: OpenOptions): Promise<DatabaseClients> {
  const { database, migrations } = options
  const embedded = database.url === undefined ? await startEmbedded(options) : null
  const clients = connectDatabase(database, embedded?.connection)

  if (embedded?.warning) options.onWarning?.(embedded.warning)

  let upkeep: { stop(): Promise<void> } | null = null

  async function close(): Promise<void> {
    await upkeep?.stop()
    await clients.close()
    await embedded?.close()
  }

  try {
    if (clients.openOne !== null) {
      const { startDeadlineMs: deadlineMs = 0 } = database
      const warning = await awaitDatabase(clients.openOne, database, {
        deadlineMs,
        onWait: options.onWait ?? (() => undefined),
      })
      if (warning !== null) options.onWarning?.(warning)
    }
    if (embedded !== null || options.migrate) await migrate(clients.sql, migrations)
    if ((await checkSchema(clients.sql, migrations)) === 'newer') options.onWarning?.(NEWER)
  } catch (error) {
    await close()
    throw openFailure(error, embedded === null ? 'DATABASE_URL' : 'DATA_DIR')
  }
  if (embedded !== null) upkeep = startUpkeep(clients.sql, { onError: options.onUpkeepError })
  return { ...clients, close }
}

const NEWER =
  "the database's schema is newer than this server, which still runs with it: newer servers may use what this one does not show"
