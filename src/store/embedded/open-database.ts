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
 * Opens the database in `folder`, which is made where it is missing.
 *
 * @param onLogLine hears Postgres's log, which alone says why a start has failed
 */
export async function openDatabase(folder: string, onLogLine: (line: string) => void): Promise<PGlite> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await createFolder(folder, onLogLine)
  return open(folder, onLogLine)
}

/** Made beside its place, then moved there whole: a first start that is cut short leaves nothing that looks like a database. */
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

// The thread's stack ends long before Postgres's own limit of 2 MB: it must stop runaway functions before it dies of them.
// The files that it keeps open are the process's, which needs most of them for connections: closed and opened again past these.
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
