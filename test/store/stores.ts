import { afterAll } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/store/connection/database.ts'
import { createStore } from '../../src/store/index.ts'
import type { MakeStores, StoreUnderTest } from '../ports/world.ts'
import { makeMigratedEmbeddedFolder } from '../support/embedded-folder.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

const MIGRATIONS = join(import.meta.dir, '../../drizzle')

/** Two stores on one new database, for all suites of a test file; closed after the last of them. */
export function useStores(kind: 'postgres' | 'embedded'): MakeStores {
  let opened: Promise<Opened> | undefined
  afterAll(async () => (await opened)?.close())
  return () => {
    opened ??= kind === 'postgres' ? openOnPostgres() : openEmbedded()
    return opened
  }
}

/** As two nodes have it: connections of their own. */
async function openOnPostgres(): Promise<Opened> {
  const url = await createMigratedDatabase()
  const one = await open(url, '')
  const two = await open(url, '')
  return {
    store: createStore(one.sql, one.lanes, OPTIONS),
    other: createStore(two.sql, two.lanes, OPTIONS),
    close: async () => void (await Promise.all([one.close(), two.close()])),
  }
}

/** An embedded database has one connection, which both stores share. */
async function openEmbedded(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-embedded-'))
  const dataDir = join(folder, 'data')
  await makeMigratedEmbeddedFolder(dataDir)
  const { sql, lanes, close } = await open(undefined, dataDir)
  return {
    store: createStore(sql, lanes, OPTIONS),
    other: createStore(sql, lanes, OPTIONS),
    async close() {
      await close()
      await rm(folder, { recursive: true })
    },
  }
}

function open(url: string | undefined, dataDir: string) {
  return openDatabase({
    database: { url, poolSize: 4, lanes: 2, prepare: true, statementTimeoutMs: 30_000 },
    dataDir,
    migrate: true,
    migrations: MIGRATIONS,
    onCrash: raise,
    onUpkeepError: raise,
  })
}

function raise(error: unknown): never {
  throw error
}

const OPTIONS = { queryTimeoutMs: 30_000 }

interface Opened extends StoreUnderTest {
  close(): Promise<void>
}
