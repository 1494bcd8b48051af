import { Database, SQLiteError } from 'bun:sqlite'
import { join } from 'node:path'
import { SetupError } from '../../core/index.ts'

/** Another process, or this one for a second time, has the data folder open. */
export class DataFolderInUse extends SetupError {
  override readonly name = 'DataFolderInUse'

  constructor(folder: string) {
    super(`DATA_DIR: ${folder} is in use by another server: stop that one, or set another DATA_DIR`)
  }
}

export interface FolderLock {
  release(): void
}

/**
 * Locks the folder for this process. The lock is SQLite's, held on an empty file during a write transaction. The system releases it
 * when the process ends, however it ends, so no stale lock is left.
 *
 * @throws DataFolderInUse at once if another process holds it; SQLite's error if the file cannot be created
 */
export function lockFolder(folder: string): FolderLock {
  const file = new Database(join(folder, 'lock.sqlite'))
  try {
    file.run('begin immediate')
  } catch (error) {
    file.close()
    throw error instanceof SQLiteError && error.code === 'SQLITE_BUSY' ? new DataFolderInUse(folder) : error
  }
  return { release: () => file.close() }
}
