// A pooler that breaks what a session holds is recognised at the start, and the setting to change is named.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import {
  connectDatabase,
  type DatabaseClients,
  type DatabaseOptions,
} from '../../src/store/connection/connect.ts'
import { checkSessions } from '../../src/store/connection/sessions.ts'
import { type PgBouncerServer, startPgBouncer } from '../support/pgbouncer-server.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'

const OPTIONS = { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 4000 }
const IGNORING = { ignore_startup_parameters: 'statement_timeout,jit' }

let postgres: PostgresServer
let direct: string
let open: DatabaseClients[] = []

beforeAll(async () => {
  postgres = await sharedPostgres()
  direct = await postgres.createDatabase()
})
afterEach(async () => {
  for (const { close } of open) await close()
  open = []
})

function check(url: string, options: Partial<DatabaseOptions> = {}): Promise<string | null> {
  const all = { ...OPTIONS, url, ...options }
  const clients = connectDatabase(all)
  open.push(clients)
  if (clients.openOne === null) throw new Error('there is no server')
  return checkSessions(clients.openOne, all, 5000)
}

describe('with a server of its own', () => {
  test('prepared statements and time limits work', async () => {
    expect(await check(direct)).toBeNull()
    expect(await check(direct, { statementTimeoutMs: 0 })).toBeNull()
  })

  test('without prepared statements, the time limit must be set on the role', async () => {
    expect(await check(direct, { prepare: false })).toMatch(/^DATABASE_STATEMENT_TIMEOUT_MS is 4000, .*= 0,/)
    const { sql } = connectDatabase({ ...OPTIONS, url: direct })
    await sql`create role limited login`
    await sql`alter role limited set statement_timeout = '4s'`
    await sql.end()
    expect(await check(direct.replace('postgres@', 'limited@'), { prepare: false })).toBeNull()
  })
})

describe('through a PgBouncer', () => {
  const poolers: PgBouncerServer[] = []
  let url: (settings: Record<string, string>) => Promise<string>

  beforeAll(() => {
    url = async (settings) => {
      const pooler = await startPgBouncer(postgres, settings)
      poolers.push(pooler)
      return pooler.url(new URL(direct).pathname.slice(1))
    }
  })
  afterAll(async () => {
    for (const pooler of poolers) await pooler.remove()
  })

  test.each([
    ['refuses parameters', {}, /^DATABASE_PREPARE: .*refuses the parameters.*ignore_startup_parameters/],
    ['hands out sessions', IGNORING, /^DATABASE_PREPARE: must be false, .*prepared statements are lost/],
    [
      'hands out sessions in turn',
      { ...IGNORING, server_round_robin: '1', min_pool_size: '2' },
      /^DATABASE_PREPARE: must be false/,
    ],
  ])('that %s, the error names DATABASE_PREPARE', async (_, settings, line) => {
    const through = await url(settings)
    const message = expect.stringMatching(line)
    await expect(check(through)).rejects.toMatchObject({ name: 'SetupError', message })
    // And that is what helps.
    expect(await check(through, { prepare: false })).toMatch(/^DATABASE_STATEMENT_TIMEOUT_MS/)
  })

  test('that keeps sessions, there is only a warning about the time limit', async () => {
    expect(await check(await url({ ...IGNORING, pool_mode: 'session' }))).toMatch(
      /^DATABASE_STATEMENT_TIMEOUT_MS is 4000/,
    )
  })
})
