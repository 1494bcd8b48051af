import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { DurableFiles, fsyncSettings } from './durable-files.ts'

/**
 * Opens the database in `folder`, which is created if it is missing.
 *
 * @param onLogLine called with each line of Postgres's log; only the log says why a start failed
 */
export async function openDatabase(folder: string, onLogLine: (line: string) => void): Promise<PGlite> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await createFolder(folder, onLogLine)
  return open(folder, onLogLine)
}

/** Creates the folder beside its place and moves it there whole, so that a first start that is cut short leaves no half of a database. */
async function createFolder(folder: string, onLogLine: (line: string) => void): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty, but no database`)
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished)
  const database = await open(unfinished, onLogLine)
  await database.close()
  chmodSync(unfinished, 0o700)
  syncFolder(unfinished)
  renameSync(unfinished, folder)
  syncPath(dirname(folder))
}

function open(folder: string, onLogLine: (line: string) => void): Promise<PGlite> {
  return PGlite.create({
    fs: new DurableFiles(folder),
    startParams: [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])],
    onStderr(line) {
      onLogLine(line)
      return false
    },
  })
}

// The thread's stack ends long before Postgres's default limit of 2 MB: Postgres must stop runaway functions before the thread dies.
// The engine's open files count for the process, which needs most of its files for connections.
const settings = [...fsyncSettings, 'max_stack_depth=256kB', 'max_files_per_process=200']

function syncFolder(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) syncPath(join(folder, name))
  syncPath(folder)
}

function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
