import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import postgres from 'postgres'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { processState } from './sandbox/process-state.ts'
import { sharedPostgres } from './shared-postgres.ts'
import { until } from './until.ts'

describe('a Postgres of its own', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ work_mem: '3MB' })
  })
  afterAll(() => server.remove())

  test('is as durable as in production, speaks UTF-8 and has room for many connections', async () => {
    const wanted = {
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      server_encoding: 'UTF8',
      lc_collate: 'C',
      max_connections: '200',
      work_mem: '3MB',
    }
    const names = Object.keys(wanted)
    const rows = await query(
      server.url('postgres'),
      `select name, current_setting(name) as value from unnest('{${names}}'::text[]) name`,
    )
    expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual(wanted)
  })

  test('gives each suite an empty database', async () => {
    const [one, two] = await Promise.all([server.createDatabase(), server.createDatabase()])
    expect(one).not.toBe(two)
    for (const url of [one, two]) await query(url, 'create table t (id int primary key)')
  })

  test('comes back after SIGKILL on the same port with every committed row, and without the old processes', async () => {
    const url = await server.createDatabase()
    await query(url, 'create table t (id int primary key); insert into t values (1)')
    const idle = postgres(url, { max: 1, onclose: () => undefined })
    const [backend] = await idle`select pg_backend_pid() as pid`
    const old = server.pid

    await server.kill()
    expect([old, Number(backend?.pid)].map(processState)).toEqual(['gone', 'gone'])
    await expect(query(url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)

    await server.start()
    expect(server.pid).not.toBe(old)
    expect(await query(url, 'select id from t')).toEqual([{ id: 1 }])
    await idle.end({ timeout: 0 })
  })

  test('stops in good order and starts again', async () => {
    const url = await server.createDatabase()
    await server.stop()
    expect(processState(server.pid)).toBe('gone')
    expect(server.output()).toContain('database system is shut down')
    await server.start()
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
    await expect(server.start()).rejects.toThrow('runs already')
  })

  test('does not answer while it is paused, and then continues', async () => {
    const sql = postgres(server.url('postgres'), { max: 1 })
    await sql`select 1`
    await server.pause()
    let answered = false
    const answer = sql`select 2 as two`.then((rows) => {
      answered = true
      return [...rows]
    })
    // Another connection is accepted by the kernel, but not answered either.
    const impatient = postgres(server.url('postgres'), { max: 1, connect_timeout: 1 })
    await expect(impatient`select 1`.execute()).rejects.toThrow(/CONNECT_TIMEOUT/)
    expect(answered).toBe(false)

    await server.resume()
    expect(await answer).toEqual([{ two: 2 }])
    await Promise.all([sql.end(), impatient.end()])
  })

  test('can be restored from a backup', async () => {
    const url = await server.createDatabase()
    await query(url, 'create table t (id int primary key); insert into t values (1)')
    const backup = await server.backUp()
    await query(url, 'insert into t values (2)')
    await server.stop()
    await backup.restore()
    await server.start()
    expect(await query(url, 'select id from t')).toEqual([{ id: 1 }])
  })

  test('has a standby that follows it, and can be promoted', async () => {
    const url = await server.createDatabase()
    const standby = await server.startStandby()
    try {
      await query(url, 'create table t as select 1 as id')
      const there = standby.url(new URL(url).pathname.slice(1))
      await until(
        () =>
          query(there, 'select id from t').then(
            ({ length }) => length,
            () => 0,
          ),
        'the row',
      )
      await expect(query(there, 'insert into t values (2)')).rejects.toThrow(/read-only/)
      await query(there, 'select pg_promote()')
      await query(there, 'insert into t values (2)')
    } finally {
      await standby.remove()
    }
  })

  test('can be killed while it is paused', async () => {
    await server.pause()
    await server.kill()
    expect(processState(server.pid)).toBe('gone')
    await server.start()
  })
})

test('is removed with everything that belongs to it', async () => {
  const server = await startPostgres()
  const [row] = await query(server.url('postgres'), `select current_setting('data_directory') as folder`)
  await server.remove()
  await until(() => processState(server.pid) === 'gone', 'its end')
  expect(existsSync(String(row?.folder))).toBe(false)
})

test('reports why it does not start, and leaves nothing', async () => {
  await expect(startPostgres({ work_mem: 'plenty' })).rejects.toThrow(
    /invalid value for parameter "work_mem"/,
  )
})

test('the shared one is started once, also for simultaneous callers', async () => {
  const servers = await Promise.all([sharedPostgres(), sharedPostgres()])
  expect(servers[0]).toBe(servers[1])
  expect(await query(await servers[0].createDatabase(), 'select 1 as one')).toEqual([{ one: 1 }])
})

async function query(url: string, text: string): Promise<postgres.Row[]> {
  const sql = postgres(url, { max: 1 })
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}
