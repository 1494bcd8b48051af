import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as migrateByDrizzle } from 'drizzle-orm/postgres-js/migrator'
import type { Sql } from 'postgres'
import { connectDatabase, type DatabaseClients } from '../../src/store/connection/connect.ts'
import { checkSchema, migrate, SchemaError, schemaState } from '../../src/store/connection/migrations.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../src/store/embedded/index.ts'
import { makeEmbeddedFolder } from '../support/embedded-folder.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

setDefaultTimeout(120_000)

const OPTIONS = { poolSize: 2, lanes: 1, prepare: true, statementTimeoutMs: 10_000 }
const PEOPLE =
  'create table people (id int primary key);\n--> statement-breakpoint\ninsert into people values (1);'
const PLACES = 'create table places (id int primary key);'
const THINGS = 'create table things (id int primary key);'
const BROKEN = 'create table things (id int primary key);\n--> statement-breakpoint\nselect 1 / 0;'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-migrations-'))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder as drizzle-kit makes it. */
function folderOf(...migrations: string[]): string {
  const folder = mkdtempSync(join(root, 'folder-'))
  mkdirSync(join(folder, 'meta'))
  const entries = migrations.map((sql, idx) => {
    const tag = `000${idx}_step`
    writeFileSync(join(folder, `${tag}.sql`), sql)
    return { idx, version: '7', when: 1000 + idx, tag, breakpoints: true }
  })
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  )
  return folder
}

/** A migration with which builds run from that of the given number on. */
function since(build: number, sql: string): string {
  return `-- oldest build: ${build}\n${sql}`
}

async function tables(sql: Sql): Promise<unknown> {
  const rows = await sql<{ name: string }[]>`
    select tablename::text as name from pg_tables where schemaname = 'public' order by name`
  return rows.map(({ name }) => name)
}

/** What holds on every kind of Postgres. `freshDatabase` gives a client of an empty database. */
function suite(freshDatabase: () => Promise<Sql>): void {
  let sql: Sql

  beforeEach(async () => {
    sql = await freshDatabase()
  })

  test('an empty database is behind, then current', async () => {
    const folder = folderOf(PEOPLE, PLACES)
    expect(await schemaState(sql, folder)).toBe('behind')
    expect(await migrate(sql, folder)).toBe(2)
    expect(await schemaState(sql, folder)).toBe('current')
    await checkSchema(sql, folder)
    expect(await tables(sql)).toEqual(['people', 'places'])
    expect(await migrate(sql, folder)).toBe(0)
  })

  test('an older database is behind, and is migrated', async () => {
    await migrate(sql, folderOf(PEOPLE))
    const folder = folderOf(PEOPLE, PLACES)
    expect(await schemaState(sql, folder)).toBe('behind')
    const check = checkSchema(sql, folder)
    await expect(check).rejects.toBeInstanceOf(SchemaError)
    await expect(check).rejects.toThrow(/^the database's schema is older .*`bun run migrate`$/)
    expect(await migrate(sql, folder)).toBe(1)
    expect(await tables(sql)).toEqual(['people', 'places'])
  })

  test.each([
    ['a newer database', () => migrate(sql, folderOf(PEOPLE, PLACES))],
    ['a database that went another way', () => migrate(sql, folderOf(PLACES))],
    ['the database of another program', () => sql`create table strangers (id int)`],
  ])('%s is unknown, and not touched', async (_, make) => {
    await make()
    const before = await tables(sql)
    const folder = folderOf(PEOPLE)
    expect(await schemaState(sql, folder)).toBe('unknown')
    for (const act of [checkSchema, migrate]) {
      const attempt = act(sql, folder)
      await expect(attempt).rejects.toBeInstanceOf(SchemaError)
      await expect(attempt).rejects.toThrow(/^the database's schema is of another version of this server.*$/)
    }
    expect(await tables(sql)).toEqual(before)
  })

  test('a database is newer, and not touched, if this build can run with every new migration', async () => {
    await migrate(sql, folderOf(PEOPLE, PLACES, since(1, THINGS), since(0, 'select 1;')))
    const folder = folderOf(PEOPLE, PLACES)
    expect(await schemaState(sql, folder)).toBe('newer')
    expect(await checkSchema(sql, folder)).toBe('newer')
    expect(await migrate(sql, folder)).toBe(0)
    expect(await tables(sql)).toEqual(['people', 'places', 'things'])
  })

  test.each([
    ['a build that is too old', [PEOPLE, PLACES, since(1, THINGS)], [PEOPLE]],
    ['one new migration that says nothing', [PEOPLE, since(0, PLACES), THINGS], [PEOPLE]],
    ['a build with a migration of its own', [PEOPLE, since(0, PLACES)], [PEOPLE, THINGS]],
  ])('%s makes it unknown', async (_, newer, own) => {
    await migrate(sql, folderOf(...newer))
    expect(await schemaState(sql, folderOf(...own))).toBe('unknown')
    await expect(migrate(sql, folderOf(...own))).rejects.toBeInstanceOf(SchemaError)
  })

  test('a record of an earlier version gets the column for the oldest build', async () => {
    await migrate(sql, folderOf(PEOPLE))
    await sql`alter table drizzle.__drizzle_migrations drop column oldest_build`
    expect(await schemaState(sql, folderOf(PEOPLE))).toBe('current')
    expect(await migrate(sql, folderOf(PEOPLE, since(0, PLACES)))).toBe(1)
    expect(await schemaState(sql, folderOf(PEOPLE))).toBe('newer')
  })

  test('a failing migration rolls back those before it', async () => {
    await expect(migrate(sql, folderOf(PEOPLE, BROKEN))).rejects.toMatchObject({ code: '22012' })
    expect(await tables(sql)).toEqual([])
    expect(await schemaState(sql, folderOf(PEOPLE))).toBe('behind')
    expect(await migrate(sql, folderOf(PEOPLE))).toBe(1)
  })

  test("the record of migrations is compatible with drizzle's own migrator", async () => {
    await migrate(sql, folderOf(PEOPLE))
    const folder = folderOf(PEOPLE, PLACES)
    await migrateByDrizzle(drizzle(sql), { migrationsFolder: folder })
    expect(await tables(sql)).toEqual(['people', 'places'])
    expect(await schemaState(sql, folder)).toBe('current')
    expect(await migrate(sql, folder)).toBe(0)
  })
}

describe('on the embedded database', () => {
  let database: EmbeddedDatabase
  let clients: DatabaseClients

  beforeAll(async () => {
    const onCrash = (error: Error) => {
      throw error
    }
    await makeEmbeddedFolder(join(root, 'data'))
    database = await startEmbedded({ dataDir: join(root, 'data'), onCrash })
    clients = connectDatabase(OPTIONS, database.connection)
  })

  afterAll(async () => {
    await clients.close()
    await database.close()
  })

  suite(async () => {
    await clients.sql`drop schema public cascade`
    await clients.sql`create schema public`
    await clients.sql`drop schema if exists drizzle cascade`
    return clients.sql
  })
})

describe('on a Postgres server', () => {
  let open: DatabaseClients[] = []

  afterAll(async () => {
    for (const { close } of open) await close()
    open = []
  })

  function connect(url: string, options = {}): Sql {
    const clients = connectDatabase({ ...OPTIONS, ...options, url })
    open.push(clients)
    return clients.sql
  }

  async function createDatabase(): Promise<string> {
    const server = await sharedPostgres()
    return await server.createDatabase()
  }

  suite(async () => connect(await createDatabase()))

  test('of several simultaneous nodes one migrates, and the others find nothing to do', async () => {
    const url = await createDatabase()
    const folder = folderOf(PEOPLE, `${PLACES}\n--> statement-breakpoint\nselect pg_sleep(0.3);`)
    const nodes = Array.from({ length: 4 }, () => connect(url, { poolSize: 1 }))
    const applied = await Promise.all(nodes.map((sql) => migrate(sql, folder)))
    expect(applied.sort()).toEqual([0, 0, 0, 2])
  })

  test('neither a long migration nor the wait for it is cancelled by the statement timeout', async () => {
    const url = await createDatabase()
    const folder = folderOf(`${PLACES}\n--> statement-breakpoint\nselect pg_sleep(0.6);`)
    const nodes = Array.from({ length: 2 }, () => connect(url, { poolSize: 1, statementTimeoutMs: 200 }))
    const applied = await Promise.all(nodes.map((sql) => migrate(sql, folder)))
    expect(applied.sort()).toEqual([0, 1])
    const [row] = await connect(url, {
      statementTimeoutMs: 200,
    })`select current_setting('statement_timeout') as timeout`
    expect(row?.timeout).toBe('200ms')
  })

  test('tables of extensions do not make a database unknown', async () => {
    const sql = connect(await createDatabase())
    await sql`create table part (id int)`
    await sql`alter extension plpgsql add table part`
    expect(await schemaState(sql, folderOf(PEOPLE))).toBe('behind')
    expect(await migrate(sql, folderOf(PEOPLE))).toBe(1)
  })
})
