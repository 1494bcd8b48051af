// A start while the database is away: it says what it waits for, asks with growing pauses, and ends by its deadline with one line.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { startParley } from '../support/parley-process.ts'
import { startPgBouncer } from '../support/pgbouncer-server.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { openSandbox, type Sandbox } from '../support/sandbox/sandbox.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { startTcpProxy, type TcpProxy, type Welcome } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { launchParley } from './launch.ts'
import { runToEnd } from './refusal.ts'

let server: PostgresServer
let proxy: TcpProxy
let sandbox: Sandbox
let url: URL

beforeAll(async () => {
  server = await sharedPostgres()
})
beforeEach(async () => {
  proxy = await startTcpProxy(server)
  url = new URL(await server.createDatabase())
  url.port = String(proxy.port)
  sandbox = await openSandbox('start')
})
afterEach(async () => {
  await sandbox.remove()
  await proxy.close()
})

const AWAY: readonly [Welcome, string][] = [
  ['refuse', 'ECONNREFUSED'],
  ['close', 'CONNECTION_CLOSED'],
  ['mute', 'NO_ANSWER|CONNECT_TIMEOUT'],
]

describe('if the database server answers connections with', () => {
  test.each(AWAY)('%s, the start waits and says so once', async (how, code) => {
    await proxy.welcome(how)
    const started = await launchParley(sandbox, { DATABASE_URL: url.href, PORT: '0' })
    const waiting = () => lines(started.output()).filter(({ msg }) => msg === 'waiting for the database')
    await until(() => waiting().length > 0, 'a line', 20_000)
    expect(waiting()).toEqual([expect.objectContaining({ deadlineMs: 30_000, level: 40 })])
    expect(waiting()[0]?.code).toMatch(new RegExp(`^(${code})$`))
    await proxy.welcome('pass')
    await until(() => lines(started.output()).some(({ msg }) => msg === 'ready'), 'it to be ready', 20_000)
  })

  test.each(AWAY)('%s, the start ends by its deadline with one line', async (how, code) => {
    await proxy.welcome(how)
    const settings = { DATABASE_URL: url.href, DATABASE_START_DEADLINE_MS: '1500' }
    const { code: exit, output } = await runToEnd(settings, 'main.ts')
    expect(exit).toBe(1)
    const said = output.trim().split('\n')
    const last = `^parley: DATABASE_URL: no database within 1500 ms \\(DATABASE_START_DEADLINE_MS\\): .* \\((${code})\\)$`
    expect(said.at(-1)).toMatch(new RegExp(last))
    // One attempt takes longer than this deadline where nothing is answered.
    const waits = said.filter((line) => line.includes('waiting for the database'))
    expect(waits).toHaveLength(how === 'mute' ? 0 : 1)
    // Two for each attempt at most, with pauses from 50 ms on.
    expect(proxy.accepted).toBeLessThan(20)
  })
})

test('migrating waits as well', async () => {
  await proxy.welcome('refuse')
  const settings = { DATABASE_URL: url.href, DATABASE_START_DEADLINE_MS: '500' }
  const { code, output } = await runToEnd(settings, 'migrate.ts')
  expect(code).toBe(1)
  expect(output).toMatch(
    /^Waiting for the database: .*ECONNREFUSED\)\nDATABASE_URL: no database within 500 ms .*\n$/,
  )
})

test('the start does not wait for a wrong name', async () => {
  url.pathname = '/nowhere'
  expect(await lastLine({ DATABASE_URL: url.href })).toMatch(
    /^parley: .*DATABASE_URL.*"nowhere" does not exist/,
  )
})

test('a pooler that loses prepared statements ends the start with a line that names the setting to change', async () => {
  const pooler = await startPgBouncer(server, { ignore_startup_parameters: 'statement_timeout,jit' })
  try {
    const DATABASE_URL = pooler.url(url.pathname.slice(1))
    expect(await lastLine({ DATABASE_URL })).toMatch(/^parley: DATABASE_PREPARE: must be false, /)
    const parley = await startParley({ DATABASE_URL, DATABASE_PREPARE: 'false' })
    expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
    expect(lines(parley.output()).map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(/^DATABASE_STATEMENT_TIMEOUT_MS is 10000, .*alter role/),
    )
    await parley.remove()
  } finally {
    await pooler.remove()
  }
})

async function lastLine(settings: Readonly<Record<string, string>>): Promise<string> {
  const { code, output } = await runToEnd(settings, 'main.ts')
  expect(code).toBe(1)
  return output.trim().split('\n').at(-1) ?? ''
}

function lines(output: string): Record<string, unknown>[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
}
