import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { connectDatabase, type DatabaseClients } from '../../src/store/connection/connect.ts'
import { type EmbeddedDatabase, startEmbedded, startUpkeep } from '../../src/store/embedded/index.ts'
import { makeEmbeddedFolder } from '../support/embedded-folder.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(180_000)

let root: string
let database: EmbeddedDatabase
let clients: DatabaseClients
let sql: Sql

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'parley-embedded-'))
  await makeEmbeddedFolder(join(root, 'data'))
  database = await startEmbedded({
    dataDir: join(root, 'data'),
    onCrash: (error) => {
      throw error
    },
  })
  clients = connectDatabase(
    { poolSize: 8, lanes: 4, prepare: true, statementTimeoutMs: 10_000 },
    database.connection,
  )
  sql = clients.sql
  await sql`create table item (id bigint primary key, text text)`
})

afterAll(async () => {
  await clients.close()
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

describe('the driver on an embedded database', () => {
  test('has one client of one connection for everything', () => {
    expect(clients.lanes).toEqual([sql])
    expect(sql.options.max).toBe(1)
  })

  test('gets bigints and their arrays as numbers, times and other arrays as text', async () => {
    const [row] = await sql`
      select ${[1, 2]}::bigint[] as ids, ${['a"b', 'c\\', '']}::text[] as texts, ${2 ** 53 - 1}::bigint as large,
        timestamptz '2026-01-02 03:04:05.678Z' as at`
    expect(row).toEqual({
      ids: [1, 2],
      texts: '{"a\\"b","c\\\\",""}',
      large: 2 ** 53 - 1,
      at: '2026-01-02 03:04:05.678+00',
    })
  })

  test('continues after statements that fail, in and out of transactions', async () => {
    await sql`insert into item values (1, 'first')`
    const duplicate = sql.begin(async (tx) => {
      await tx`insert into item values (2, 'second')`
      await tx`insert into item values (1, 'again')`
    })
    await expect(duplicate).rejects.toMatchObject({ code: '23505' })
    await expect(sql`selec`).rejects.toMatchObject({ code: '42601' })
    await expect(sql`select ${'x'}::int`).rejects.toMatchObject({ code: '22P02' })
    const saved = await sql.begin(async (tx) => {
      await expect(tx.savepoint((point) => point`insert into item values (1, 'again')`)).rejects.toThrow()
      await tx`insert into item values (3, 'third')`
      const [row] = await tx`select array_agg(id order by id) as ids from item`
      return row?.ids
    })
    expect(saved).toEqual([1, 3])
  })

  test('keeps the results of hundreds of simultaneous statements apart, including failures and transactions', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i): Promise<unknown> => {
        if (i % 3 === 0) return sql`select 1 / (${i}::int - ${i}::int)`
        if (i % 3 === 1) return sql`select ${i}::int as i`.then(([row]) => row?.i)
        return sql.begin(async (tx) => (await tx`select ${i}::int as i`)[0]?.i)
      }),
    )
    const expected = results.map((_, i) => (i % 3 === 0 ? '22012' : i))
    expect(results.map((a) => (a.status === 'fulfilled' ? a.value : a.reason.code))).toEqual(expected)
  })

  test('moves megabytes in one parameter and in one result', async () => {
    const text = 'ä'.repeat(2 ** 20)
    const [row] = await sql`insert into item values (10, ${text}) returning text`
    expect(row?.text === text).toBe(true)
  })

  test('reports runaway recursion as an error without crashing the engine', async () => {
    await sql.unsafe(
      'create function forever(int) returns int language plpgsql as $$ begin return forever($1 + 1); end $$',
    )
    await expect(sql`select forever(1)`).rejects.toMatchObject({ code: '54001' })
    const [row] = await sql`select 1 as one`
    expect(row?.one).toBe(1)
  })

  test('leaves its process free while a statement runs', async () => {
    let over = false
    const statement = sql`select pg_sleep(1)`.finally(() => {
      over = true
    })
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await until(() => ticks >= 10, 'ten ticks')
    clearInterval(timer)
    expect(over).toBe(false)
    await statement
  })
})

describe('upkeep', () => {
  test('makes checkpoints, and vacuums and analyzes tables that have changed', async () => {
    await sql`create table busy (id int, text text)`
    await sql`create table idle (id int)`
    const [before] = await sql`select redo_lsn::text as lsn from pg_control_checkpoint()`
    const errors: unknown[] = []
    const upkeep = startUpkeep(sql, {
      everyMs: 10,
      logBytes: 2 ** 20,
      changedRows: 500,
      onError: (error) => errors.push(error),
    })
    await sql`insert into idle select generate_series(1, 100)`
    await sql`insert into busy select n, repeat('x', 1000) from generate_series(1, 2000) n`
    await until(async () => {
      const [now] = await sql`
        select redo_lsn > ${before?.lsn}::pg_lsn and last_vacuum is not null and last_analyze is not null as done
        from pg_control_checkpoint(), pg_stat_user_tables where relname = 'busy'`
      return now?.done === true
    }, 'a checkpoint and a vacuum')
    await upkeep.stop()
    expect(errors).toEqual([])
    const [idle] = await sql`select last_vacuum, last_analyze from pg_stat_user_tables where relname = 'idle'`
    expect(idle).toEqual({ last_vacuum: null, last_analyze: null })
  })

  test('reports a failed round, and continues', async () => {
    const other = connectDatabase(
      { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 },
      database.connection,
    )
    await other.close()
    const errors: unknown[] = []
    const upkeep = startUpkeep(other.sql, { everyMs: 1, onError: (error) => errors.push(error) })
    await until(() => errors.length >= 2, 'two failed rounds')
    await upkeep.stop()
    expect(errors[0]).toMatchObject({ code: 'CONNECTION_ENDED' })
  })
})
