import { Database, SQLiteError } from 'bun:sqlite'
import { join } from 'node:path'
import { SetupError } from '../../core/index.ts'

/** Another process (or this one, a second time) has the data folder open. */
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
 * Claims the folder for this process. The claim is the lock that SQLite holds on an empty file during a write
 * transaction: the system drops it when the process ends, however it ends, so there is no stale lock to clear.
 *
 * @throws DataFolderInUse at once where another holds it, and SQLite's error where the file cannot be made
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
