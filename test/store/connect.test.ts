import { afterEach, beforeAll, describe, expect, test } from 'bun:test'
import {
  connectDatabase,
  type DatabaseClients,
  type DatabaseOptions,
} from '../../src/store/connection/connect.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

const OPTIONS = { poolSize: 3, lanes: 2, prepare: true, statementTimeoutMs: 5000 }

let url: string
let open: DatabaseClients[] = []

beforeAll(async () => {
  const server = await sharedPostgres()
  url = await server.createDatabase()
})

afterEach(async () => {
  for (const { close } of open) await close()
  open = []
})

function connect(options: Partial<DatabaseOptions> = {}): DatabaseClients {
  const clients = connectDatabase({ ...OPTIONS, url, ...options })
  open.push(clients)
  return clients
}

describe('clients of a server', () => {
  test('are a pool, and lanes of one connection each', async () => {
    const { sql, lanes } = connect()
    const pool = await Promise.all(
      Array.from({ length: 20 }, () => sql`select pg_backend_pid() as pid from pg_sleep(0.01)`),
    )
    const poolPids = new Set(pool.map(([row]) => row?.pid))
    expect(poolPids.size).toBe(3)
    const lanePids: Set<unknown>[] = []
    for (const lane of lanes) {
      const results = await Promise.all(
        Array.from({ length: 20 }, () => lane`select pg_backend_pid() as pid`),
      )
      lanePids.push(new Set(results.map(([row]) => row?.pid)))
    }
    expect(lanePids.map((pids) => pids.size)).toEqual([1, 1])
    expect(new Set([...poolPids, ...lanePids.flatMap((pids) => [...pids])]).size).toBe(5)
  })

  test('get bigints and their arrays as numbers, times as text', async () => {
    const { sql, lanes } = connect()
    for (const client of [sql, ...lanes]) {
      const [row] = await client`
        select ${[1, 2]}::bigint[] as ids, ${2 ** 53 - 1}::bigint as large, ${new Date(0)}::timestamptz at time zone 'UTC' as at`
      expect(row).toEqual({ ids: [1, 2], large: 2 ** 53 - 1, at: '1970-01-01 00:00:00' })
    }
  })

  test('set application name and statement timeout, and turn off JIT', async () => {
    const { sql, lanes } = connect({ statementTimeoutMs: 123 })
    for (const client of [sql, ...lanes])
      expect(await settings(client)).toEqual({ name: 'parley', timeout: '123ms', jit: 'off' })
    await expect(sql`select pg_sleep(10)`).rejects.toMatchObject({ code: '57014' })
  })

  test.each([
    ['without prepared statements', { prepare: false }],
    ['where it is 0', { statementTimeoutMs: 0 }],
  ] satisfies [string, Partial<DatabaseOptions>][])(
    'leave the statement timeout to the server %s',
    async (_, options) => {
      const { sql } = connect(options)
      expect(await settings(sql)).toMatchObject({ name: 'parley', timeout: '0' })
    },
  )

  test('do not fall back to plain text if TLS is required', async () => {
    const { sql } = connect({ url: `${url}?sslmode=require` })
    await expect(sql`select 1`).rejects.toThrow()
  })

  test('fail while the server is unavailable, and reconnect by themselves', async () => {
    const server = await startPostgres()
    try {
      const { sql, lanes } = connect({ url: server.url('postgres') })
      const everybody = [sql, ...lanes]
      const results = () => Promise.allSettled(everybody.map((client) => client`select 1`))
      expect((await results()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
      await server.kill()
      for (let round = 0; round < 3; round++)
        expect((await results()).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      await server.start()
      await until(
        async () => (await results()).every(({ status }) => status === 'fulfilled'),
        'the server again',
      )
    } finally {
      await server.remove()
    }
  })

  test('need a URL', () => {
    expect(() => connectDatabase({ ...OPTIONS, url: undefined })).toThrow(TypeError)
  })
})

async function settings(client: DatabaseClients['sql']): Promise<unknown> {
  const [row] = await client`
    select current_setting('application_name') as name, current_setting('statement_timeout') as timeout,
      current_setting('jit') as jit`
  return row
}
