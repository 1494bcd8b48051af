import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { DataFolderInUse, type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded/index.ts'
import { makeEmbeddedFolder } from '../support/embedded-folder.ts'
import { openSandbox, type Sandbox } from '../support/sandbox/sandbox.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(180_000)

const OPTIONS = { poolSize: 8, lanes: 4, prepare: true, statementTimeoutMs: 10_000 }
const WRITER = join(import.meta.dir, 'embedded-writer.ts')

let root: string
let dataDir: string
let crashes: Error[]
let opened: { close(): Promise<void> }[]

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-embedded-'))
})

beforeEach(async () => {
  dataDir = join(mkdtempSync(join(root, 'test-')), 'data')
  await makeEmbeddedFolder(dataDir)
  crashes = []
  opened = []
})

afterEach(async () => {
  for (const { close } of opened.reverse()) await close()
  expect(crashes).toEqual([])
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function start(folder = dataDir): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir: folder, onCrash: (error) => crashes.push(error) })
  opened.push(database)
  return database
}

function connect({ connection }: EmbeddedDatabase): Sql {
  const clients = connectDatabase(OPTIONS, connection)
  opened.push(clients)
  return clients.sql
}

async function one(sql: Sql): Promise<unknown> {
  const [row] = await sql`select 1 as one`
  return row?.one
}

describe('a data folder', () => {
  test('that is missing is created, with its parents, for this user only', async () => {
    const folder = join(dataDir, 'deeper', 'data')
    const made = await start(folder)
    expect(made.warning).toBeNull()
    expect(await one(connect(made))).toBe(1)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'pglite')).mode & 0o777).toBe(0o700)
    expect(existsSync(join(folder, 'pglite.new'))).toBe(false)
  })

  test('keeps what was written when the database is closed and opened again', async () => {
    const first = await start()
    const before = connectDatabase(OPTIONS, first.connection)
    await before.sql`create table kept as select 'as it was' as text`
    await before.close()
    await first.close()

    const sql = connect(await start())
    const [row] = await sql`select text from kept`
    expect(row).toEqual({ text: 'as it was' })
  })

  test('whose creation was interrupted is created again', async () => {
    const folder = join(dataDir, 'unfinished')
    mkdirSync(join(folder, 'pglite.new'), { recursive: true })
    writeFileSync(join(folder, 'pglite.new', 'PG_VERSION'), '18\n')
    const sql = connect(await start(folder))
    expect(await one(sql)).toBe(1)
  })

  test('that was copied while a server ran says so at its first start, and not again', async () => {
    const running = await start()
    expect(running.warning).toBeNull()
    const sql = connect(running)
    await sql`create table kept as select 1 as one`
    const copy = join(root, 'copy')
    await cp(join(dataDir, 'pglite'), join(copy, 'pglite'), { recursive: true })

    const copied = await start(copy)
    expect(copied.warning).toMatch(/^DATA_DIR: the last server on \S+copy did not close it, .*$/)
    const clients = connectDatabase(OPTIONS, copied.connection)
    expect([...(await clients.sql`select one from kept`)]).toEqual([{ one: 1 }])
    await clients.close()
    await copied.close()
    expect((await start(copy)).warning).toBeNull()
  })

  const damages: [string, (folder: string) => void, RegExp][] = [
    [
      'with a broken control file',
      (folder) => truncateSync(join(folder, 'global/pg_control'), 0),
      /could not read file "global\/pg_control"/,
    ],
    [
      'without its log',
      (folder) => rmSync(join(folder, 'pg_wal'), { recursive: true }),
      /"pg_wal" does not exist/,
    ],
    [
      'of another Postgres',
      (folder) => writeFileSync(join(folder, 'PG_VERSION'), '17\n'),
      /initialized by PostgreSQL version 17/,
    ],
    ['that is no database', (folder) => rmSync(join(folder, 'PG_VERSION')), /not empty/],
  ]
  test.each(damages)('%s is refused in one line', async (_, damage, reason) => {
    damage(join(dataDir, 'pglite'))
    const error = await startEmbedded({ dataDir, onCrash: (crash) => crashes.push(crash) }).catch(
      (e: unknown) => e,
    )
    if (!(error instanceof Error)) throw new Error('it started')
    expect(error.message).toStartWith(`DATA_DIR: the embedded database in ${dataDir} could not start: `)
    expect(error.message).toMatch(reason)
    expect(error.message).not.toContain('\n')
  })

  test('that cannot be created is refused in one line', async () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    await expect(start(join(file, 'data'))).rejects.toThrow(/^DATA_DIR: .*\/file is not a folder \(ENOTDIR\)/)
  })
})

describe('the lock on a data folder', () => {
  test('refuses a second database at once, and is gone after close', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(DataFolderInUse)
    await expect(start()).rejects.toThrow(`DATA_DIR: ${dataDir} is in use by another server`)
    await first.close()
    await start()
  })

  test('is gone after a start that failed', async () => {
    const version = join(dataDir, 'pglite', 'PG_VERSION')
    writeFileSync(version, '17\n')
    await expect(start()).rejects.toThrow('could not start')
    writeFileSync(version, '18\n')
    await start()
  })

  test('holds against another process, and ends with its own', async () => {
    const sandbox: Sandbox = await openSandbox('embedded-lock')
    opened.push({ close: () => sandbox.remove() })
    const env = { PATH: process.env.PATH ?? '', TMPDIR: sandbox.folder }
    const holder = await sandbox.run('holder', [process.execPath, WRITER, dataDir], env)
    await holder.ready(() => holder.output().includes('acked'))
    await expect(start()).rejects.toThrow(DataFolderInUse)
    await holder.kill()
    await start()
  })
})

describe('the socket', () => {
  test('is in a folder that only this user may enter, and is removed with the database', async () => {
    const database = await start()
    const folder = dirname(database.connection.path)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(database.connection.path).isSocket()).toBe(true)
    await database.close()
    await database.close()
    expect(existsSync(folder)).toBe(false)
  })

  test('is in the data folder if the path for temporary files is too long', async () => {
    const { TMPDIR } = process.env
    process.env.TMPDIR = join(root, 'long'.repeat(25))
    try {
      const database = await start()
      expect(dirname(dirname(database.connection.path))).toBe(dataDir)
      expect(await one(connect(database))).toBe(1)
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  })
})

describe('the one client', () => {
  test('cannot be joined by a second one, which is refused and changes nothing', async () => {
    const database = await start()
    const sql = connect(database)
    await sql`create table here (number int)`
    const second = postgres({ ...database.connection, max: 1, connect_timeout: 5 })
    await expect(second`select set_config('search_path', 'nowhere', false)`).rejects.toThrow()
    await second.end({ timeout: 1 })
    expect(await sql`select from here`).toBeEmpty()
    const [shown] = await sql`show search_path`
    expect(shown?.search_path).not.toBe('nowhere')
  })

  test('sees nothing that the previous client set or left open', async () => {
    const database = await start()
    const before = connectDatabase(OPTIONS, database.connection)
    await before.sql`create table here (number int)`
    await before.sql`set search_path = nowhere`
    await before.sql`create temporary table left_behind (number int)`
    await before.sql.unsafe('begin; create table public.undone (number int)')
    await before.close()

    const sql = connect(database)
    expect(await until(() => one(sql).catch(() => null), 'the place to be free')).toBe(1)
    expect(await sql`select from here`).toBeEmpty()
    const [row] = await sql`select to_regclass('left_behind') as temporary, to_regclass('undone') as undone`
    expect(row).toEqual({ temporary: null, undone: null })
  })
})

describe('a crash of the engine', () => {
  test('is reported once, with its reason, and releases the folder', async () => {
    const database = await start()
    const { sql, close } = connectDatabase(OPTIONS, database.connection)
    await sql`create table something (number int)`
    rmSync(join(dataDir, 'pglite', 'pg_wal'), { recursive: true })
    // The next piece of the log cannot be made.
    const panic = sql`select pg_switch_wal()`.then(() => sql`insert into something values (1)`)
    await expect(panic).rejects.toThrow()
    await until(() => crashes.length > 0, 'the crash to be told')
    await close()
    await database.close()
    expect(crashes.splice(0).map((error) => error.message)).toEqual([
      expect.stringMatching(/^The embedded database in .*\/data has failed: could not .*pg_wal.*$/),
    ])
    await expect(start()).rejects.toThrow('could not start')
  })
})
