import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import { openDatabase } from '../../src/store/embedded/open-database.ts'
import { openSandbox, type Sandbox } from '../support/sandbox/sandbox.ts'

setDefaultTimeout(180_000)

const WRITER = join(import.meta.dir, 'embedded-writer.ts')
const KILLS = 10

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox('durability')
})

afterAll(() => sandbox.remove())

test('what was acknowledged survives SIGKILL at any moment, exactly once', async () => {
  const dataDir = join(sandbox.folder, 'killed')
  const write = () =>
    sandbox.run('writer', [process.execPath, WRITER, dataDir], {
      PATH: process.env.PATH ?? '',
      TMPDIR: sandbox.folder,
    })

  // The first two in the middle of making the folder.
  for (const made of ['pglite.new', 'pglite.new/PG_VERSION']) {
    const writer = await write()
    await writer.ready(() => existsSync(join(dataDir, made)))
    await writer.kill()
  }

  let output = ''
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = await write()
    const before = acks(writer.output()).length
    const more = 1 + Math.floor(Math.random() * 300)
    await writer.ready(() => acks(writer.output()).length >= before + more)
    await writer.kill()
    output = writer.output()
  }

  // Each has cleared up what the one before it left behind.
  expect(readdirSync(sandbox.folder).filter((name) => name.startsWith('parley-'))).toHaveLength(1)

  const database = await startEmbedded({ dataDir, onCrash: fail })
  const clients = connectDatabase(
    { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 },
    database.connection,
  )
  const rows = await clients.sql<{ number: number; times: number }[]>`
    select number, count(*) as times from written group by number`
  await clients.close()
  await database.close()

  const times = new Map(rows.map((row) => [row.number, row.times]))
  const acknowledged = acks(output).flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, i) => first + i),
  )
  expect(new Set(acknowledged).size).toBe(acknowledged.length)
  expect(acknowledged.filter((number) => times.get(number) !== 1)).toEqual([])
})

test('every commit reaches the disk before it is acknowledged', async () => {
  const database = await openDatabase(join(sandbox.folder, 'synced'), () => undefined)
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

/** In the order of their numbers. */
function acks(output: string): { first: number; count: number }[] {
  return [...output.matchAll(/^acked (\d+) (\d+)\n/gm)].map(([, first, count]) => ({
    first: Number(first),
    count: Number(count),
  }))
}

function fail(error: Error): never {
  throw error
}
