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
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { dataDir as initialFolder } from '@electric-sql/pglite-prepopulatedfs'
import { DurableFiles, fsyncSettings } from './durable-files.ts'

export interface OpenedDatabase {
  readonly database: PGlite
  /** Whether the last server on the folder had not closed it, so that Postgres had to recover it from its log. */
  readonly recovered: boolean
}

/**
 * Opens the database in `folder`, which is created if it is missing.
 *
 * @param onLogLine called with each line of Postgres's log; only the log says why a start failed
 */
export async function openDatabase(
  folder: string,
  onLogLine: (line: string) => void,
): Promise<OpenedDatabase> {
  const isNew = !existsSync(join(folder, 'PG_VERSION'))
  if (isNew) await createFolder(folder)
  let recovered = false
  const database = await open(folder, (line) => {
    // The package's initial folder was not closed either, which is nothing to tell.
    if (line.includes(RECOVERY)) recovered = !isNew
    onLogLine(line)
  })
  return { database, recovered }
}

/** What Postgres logs at a start if the folder was not closed. */
const RECOVERY = 'database system was not properly shut down'

/**
 * Creates the folder beside its place and moves it there whole, so that a first start that is cut short leaves no half of a database.
 * Unpacks a folder that was initialised once: initialising one takes 1 GB of memory and six seconds of a processor.
 */
async function createFolder(folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty, and does not contain a database`)
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished)
  await unpackTo(unfinished)
  chmodSync(unfinished, 0o700)
  syncFolder(unfinished)
  renameSync(unfinished, folder)
  syncPath(dirname(folder))
}

/** @throws the system's error if the folder cannot be written */
async function unpackTo(folder: string): Promise<void> {
  const packed = await initialFolder()
  try {
    await new Bun.Archive(await packed.bytes()).extract(folder)
  } catch (error) {
    // Bun says "ReadError" for whatever went wrong. A file as large as the largest one says what the system has against it.
    writeFileSync(join(folder, 'probe'), Buffer.alloc(LARGEST_FILE))
    throw error
  }
}

/** A segment of Postgres's log, in bytes. */
const LARGEST_FILE = 16 * 2 ** 20

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
// PGlite's default of 160 MB for shared buffers is memory of the process from the start. The system's cache of the files makes up
// for smaller ones: 64 MB are as fast, and take 75 MB less after the start and 120 MB less after some work.
const settings = [
  ...fsyncSettings,
  'max_stack_depth=256kB',
  'max_files_per_process=200',
  'shared_buffers=64MB',
]

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
