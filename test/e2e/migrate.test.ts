import { beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { migrate } from '../../src/store/connection/index.ts'
import { migrationAfter } from '../store/migrations-before.ts'
import { startParley } from '../support/parley-process.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { refusal, runToEnd } from './refusal.ts'
import { createRoom, createUser, postMessage, readHistory } from './v1-rest.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await sharedPostgres()
})

test.concurrent.each(['development', 'production'])('a newer schema is not touched in %s', async (mode) => {
  const url = await server.createDatabase()
  expect((await runToEnd({ DATABASE_URL: url }, 'migrate.ts')).code).toBe(0)
  const sql = postgres(url, { max: 1 })
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('of tomorrow', 4000000000000)`
  await sql.end()
  const settings = { DATABASE_URL: url, NODE_ENV: mode }
  expect(await refusal(settings)).toMatch(
    /^parley: DATABASE_URL: the database's schema is of another version/,
  )
  expect(await refusal(settings, 'migrate.ts')).toMatch(
    /^DATABASE_URL: the database's schema is of another version/,
  )
})

test.concurrent('a newer schema with which this build still runs is used, and told', async () => {
  const url = await server.createDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'parley-newer-'))
  const newest = await migrationAfter(
    folder,
    '-- oldest build: NEWEST\nalter table rooms add column topic text;',
  )
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  expect(await migrate(sql, folder)).toBe(newest + 2)
  const settings = { DATABASE_URL: url, NODE_ENV: 'production', DRAIN_DELAY_MS: '0', V1_TRUST_IDS: 'true' }
  expect(await runToEnd(settings, 'migrate.ts')).toEqual({ code: 0, output: 'The database is up to date\n' })

  const parley = await startParley(settings)
  expect(parley.output()).toContain(
    "the database's schema is newer than this server, which still runs with it",
  )
  const room = await createRoom(parley, 'newer')
  await postMessage(parley, { room, user: await createUser(parley, 'ann') }, 'still works')
  expect(await readHistory(parley, room)).toMatchObject([{ content: 'still works' }])
  await parley.remove()

  // One that says nothing ends the window.
  await migrationAfter(folder, 'alter table rooms drop column topic;', folder)
  expect(await migrate(sql, folder)).toBe(1)
  expect(await refusal(settings)).toMatch(
    /^parley: DATABASE_URL: the database's schema is of another version/,
  )
  await sql.end()
  await rm(folder, { recursive: true })
})

test.concurrent("another program's database is left alone", async () => {
  const url = await server.createDatabase()
  const sql = postgres(url, { max: 1 })
  await sql`create table accounts (id int primary key)`
  expect(await refusal({ DATABASE_URL: url })).toMatch(
    /^parley: DATABASE_URL: the database's schema is of another/,
  )
  const tables = await sql`select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`
  expect(tables).toHaveLength(1)
  await sql.end()
})

test.concurrent('production waits for `bun run migrate`, which several may run at once', async () => {
  const settings = { DATABASE_URL: await server.createDatabase(), NODE_ENV: 'production' }
  expect(await refusal(settings)).toMatch(/^parley: .*`bun run migrate`/)

  const both = await Promise.all([runToEnd(settings, 'migrate.ts'), runToEnd(settings, 'migrate.ts')])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(both.map(({ output }) => output).sort()).toEqual([
    expect.stringMatching(/^Migrations applied: [1-9]\d*\n$/),
    'The database is up to date\n',
  ])
  const again = await runToEnd(settings, 'migrate.ts')
  expect(again).toEqual({ code: 0, output: 'The database is up to date\n' })

  const parley = await startParley({ ...settings, DRAIN_DELAY_MS: '0' })
  expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
  expect(await parley.stop()).toBe(0)
  await parley.remove()
})

test.concurrent('several servers may start at once on an empty database', async () => {
  const settings = { DATABASE_URL: await server.createDatabase() }
  const servers = await Promise.all(Array.from({ length: 3 }, () => startParley(settings)))
  for (const { url } of servers) expect((await fetch(`${url}/readyz`)).status).toBe(200)
  await Promise.all(servers.map((parley) => parley.remove()))
})
