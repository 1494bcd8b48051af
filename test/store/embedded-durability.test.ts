import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../src/store/embedded/open-database.ts'
import { makeEmbeddedFolder } from '../support/embedded-folder.ts'
import { openSandbox, type Sandbox } from '../support/sandbox/sandbox.ts'
import { survivesKills } from './embedded-kills.ts'

setDefaultTimeout(180_000)

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox('durability')
})

afterAll(() => sandbox.remove())

test('acknowledged messages survive SIGKILL at any moment, exactly once', () => survivesKills(sandbox, 3))

test('every commit reaches the disk before it is acknowledged', async () => {
  const dataDir = join(sandbox.folder, 'synced')
  await makeEmbeddedFolder(dataDir)
  const { database } = await openDatabase(join(dataDir, 'pglite'), () => undefined)
  try {
    const { rows } = await database.query(`
      select name, setting from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name`)
    expect(rows).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'synchronous_commit', setting: 'on' },
    ])

    await database.exec('create table synced (number int)')
    expect(fileOperations(database.Module).fsync).toBeFunction()
    const results = recordSyncs(database.Module)
    for (let commits = 1; commits <= 5; commits++) {
      await database.exec(`insert into synced values (${commits})`)
      expect(results.length).toBeGreaterThanOrEqual(commits)
    }
    expect(results.every((result) => result === 0)).toBe(true)
    // Nothing but the system could know that this file is closed.
    const closed = openSync(import.meta.path, 'r')
    closeSync(closed)
    expect(fileOperations(database.Module).fsync({ nfd: closed, node: { mode: 0o100644 } })).toBe(EIO)
  } finally {
    await database.close()
  }
})

const EIO = 29

interface Engine {
  readonly NODEFS: { readonly stream_ops: FileOperations }
}

interface FileOperations {
  fsync(file: { readonly nfd: number; readonly node: { readonly mode: number } }): number
}

function fileOperations({ NODEFS }: Engine): FileOperations {
  return NODEFS.stream_ops
}

/** The results of all fsyncs from now on. */
function recordSyncs(engine: Engine): number[] {
  const results: number[] = []
  const operations = fileOperations(engine)
  const { fsync } = operations
  operations.fsync = (file) => {
    const result = fsync(file)
    results.push(result)
    return result
  }
  return results
}
