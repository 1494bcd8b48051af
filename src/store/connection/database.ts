import { startEmbedded, startUpkeep } from '../embedded/index.ts'
import { connectDatabase, type DatabaseClients, type DatabaseOptions } from './connect.ts'
import type { Failure } from './failure.ts'
import { checkSchema, migrate } from './migrations.ts'
import { openFailure } from './open-failure.ts'
import { awaitDatabase } from './wait.ts'

export interface OpenOptions {
  readonly database: DatabaseOptions & {
    /** How long a server is waited for; 0 for a single attempt. */
    readonly startDeadlineMs?: number
  }
  /** Where the embedded database lives. */
  readonly dataDir: string
  /** Whether a schema that is behind is brought up to date at the start; an embedded database's always is. */
  readonly migrate: boolean
  readonly migrations: string
  /** The embedded database has ended by itself: nothing can be read or written any more. */
  readonly onCrash: (error: Error) => void
  /** A piece of the embedded database's housekeeping has failed; it is tried again. */
  readonly onUpkeepError: (error: unknown) => void
  /** The server is waited for, since it does not serve yet. */
  readonly onWait?: (failure: Failure) => void
  /** Something about the server is not as it should be. */
  readonly onWarning?: (text: string) => void
}

/**
 * The database, with the schema that this build knows: a Postgres server, or where none is named the embedded one.
 * @throws SetupError if it cannot be opened, or its schema is another's, or is behind and may not be migrated
 */
export async function openDatabase(options: OpenOptions): Promise<DatabaseClients> {
  const { database, migrations } = options
  const embedded = database.url === undefined ? await startEmbedded(options) : null
  const clients = connectDatabase(database, embedded?.connection)

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
    else await checkSchema(clients.sql, migrations)
  } catch (error) {
    await close()
    throw openFailure(error, embedded === null ? 'DATABASE_URL' : 'DATA_DIR')
  }
  if (embedded !== null) upkeep = startUpkeep(clients.sql, { onError: options.onUpkeepError })
  return { ...clients, close }
}
