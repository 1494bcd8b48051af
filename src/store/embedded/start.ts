import { join } from 'node:path'
import { SetupError } from '../../core/index.ts'
import { openDataFolder } from './data-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { makePrivateSocket } from './private-socket.ts'
import { reasonOf } from './reason.ts'
import { startThread } from './thread.ts'

export interface EmbeddedOptions {
  /** Created if it is missing. The database is its folder `pglite`. */
  readonly dataDir: string
  /** Called at most once, if the database ends by itself: nothing can be read or written any more. */
  readonly onCrash: (error: Error) => void
}

/** Options of postgres.js. Only one client with one connection may use them: see `connectDatabase`. */
export interface EmbeddedConnection {
  readonly path: string
  readonly user: string
  readonly database: string
}

export interface EmbeddedDatabase {
  readonly connection: EmbeddedConnection
  /** One line for the operator if the folder had not been closed by the last server on it; null if it had. */
  readonly warning: string | null
  /** Ends the database and unlocks the data folder. Close its client first. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts Postgres in a thread of its own, on a Unix socket that only this user can reach. Acknowledged commits survive the end of the
 * process and of the machine.
 *
 * @throws DataFolderInUse if another server has the folder open; SetupError that names the folder for all else
 */
export async function startEmbedded({ dataDir, onCrash }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const folder = openDataFolder(dataDir)
  const { socketPath, release } = claim(folder)
  const thread = startThread({ folder: join(folder, 'pglite'), socketPath })
  // The lock is held as long as the thread may write.
  const ended = thread.ended.finally(release)

  const started = await Promise.race([thread.ready, ended])
  if (started === null || started instanceof Error) throw cannotStart(folder, started)

  let closing = false
  let crashed = false
  void ended.then((error) => {
    if (error === null || closing) return
    crashed = true
    onCrash(new Error(`The embedded database in ${folder} has failed: ${error.message}`))
  })
  return {
    connection: { path: socketPath, user: 'postgres', database: 'postgres' },
    warning: started.recovered ? notClosed(folder) : null,
    async close() {
      closing = true
      thread.close()
      const error = await ended
      if (error !== null && !crashed) throw error
    },
  }
}

function claim(folder: string): { readonly socketPath: string; release(): void } {
  try {
    const lock = lockFolder(folder)
    try {
      const socket = makePrivateSocket(folder)
      return {
        socketPath: socket.path,
        release() {
          socket.remove()
          lock.release()
        },
      }
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    throw error instanceof SetupError ? error : cannotStart(folder, error)
  }
}

/** A copy cannot be told from a killed server's own folder: an image of the disk keeps every mark. */
function notClosed(folder: string): string {
  return `DATA_DIR: the last server on ${folder} did not close it, and it was recovered: nothing that was acknowledged is missing after a kill, but a copy that was made while a server ran ends at some moment during the copying (stop the server before you copy it)`
}

function cannotStart(folder: string, cause: unknown): SetupError {
  const text = `DATA_DIR: the embedded database in ${folder} could not start: ${reasonOf(cause)}`
  return new SetupError(text, { cause })
}
