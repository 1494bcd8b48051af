import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openDatabase } from '../../src/store/connection/database.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { openSandbox } from './sandbox/sandbox.ts'

const MIGRATIONS = join(import.meta.dir, '../../drizzle')

/** Makes a data folder with an empty embedded database, as its first start leaves it. A copy costs less than a first start. */
export async function makeEmbeddedFolder(dataDir: string): Promise<void> {
  empty ??= makeEmpty()
  await copyFolder(await empty, dataDir)
}

/** Makes a data folder with an embedded database that has this build's schema, as `migrate` leaves it. */
export async function makeMigratedEmbeddedFolder(dataDir: string): Promise<void> {
  migrated ??= makeMigrated()
  await copyFolder(await migrated, dataDir)
}

async function makeEmpty(): Promise<string> {
  const dataDir = await templateFolder()
  const database = await startEmbedded({ dataDir, onCrash: raise })
  await database.close()
  return dataDir
}

async function makeMigrated(): Promise<string> {
  const dataDir = await templateFolder()
  const { close } = await openDatabase({
    database: { url: undefined, poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 },
    dataDir,
    migrate: true,
    migrations: MIGRATIONS,
    onCrash: raise,
    onUpkeepError: raise,
  })
  await close()
  return dataDir
}

/** Goes with the test run. */
async function templateFolder(): Promise<string> {
  return join((await openSandbox('embedded')).folder, 'data')
}

/** In half of the processor time that `cp` of `node:fs` takes. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  const copy = Bun.spawn(['cp', '-R', from, to], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [code, errors] = await Promise.all([copy.exited, copy.stderr.text()])
  if (code !== 0) throw new Error(`cannot copy ${from}: ${errors}`)
}

function raise(error: unknown): never {
  throw error
}

// Held by the module, as the shared Postgres is, since what shares them is exactly this process.
let empty: Promise<string> | undefined
let migrated: Promise<string> | undefined
