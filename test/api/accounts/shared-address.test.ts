// All users of a proxy that is not trusted have one address. The log says so, and one of them does not keep the others from signing in.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { openRawWebSocket } from '../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Account, login, PASSWORD, register } from '../support/accounts-client.ts'
import { ask } from '../support/rest.ts'

const REQUESTS = 20
const SIGN_INS = ['/api/auth/login', '/api-token-auth/', '/api/v2/tokens']

/** Where accounts were made before, without limits. */
let before: TestApp

beforeAll(async () => {
  before = await startApp()
})
afterAll(() => before.close())

describe('while one user of the address makes too many requests', () => {
  let app: TestApp
  let known: Account
  let newcomer: Account

  beforeAll(async () => {
    known = await register(before)
    newcomer = await register(before)
    const sql = { DATABASE_URL: before.databaseUrl }
    app = await startApp({ ...sql, RATE_REQUESTS_PER_MINUTE: `${REQUESTS}`, RATE_LOGINS_PER_MINUTE: '3' })
  })
  afterAll(() => app.close())

  test('by guessing at any accounts without end, others who have signed in from there still do', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 2 * REQUESTS; i++) {
      statuses.push(await signIn(SIGN_INS[i % 3] ?? '', `guessed${i}`, 'wrong password'))
    }
    expect(statuses.slice(9)).toEqual(statuses.slice(9).map(() => 429))
    expect((await ask('GET', `${app.url}/api/v1/rooms`)).status).toBe(429)
    for (const path of [...SIGN_INS, '/api/auth/login/']) {
      expect([path, (await signIn(path, known.username, PASSWORD)) < 300]).toEqual([path, true])
    }
  })

  test('guesses at their accounts count for these alone', async () => {
    const victim = await register(before)
    const statuses: number[] = []
    for (let i = 0; i < 5; i++)
      statuses.push(await signIn('/api/auth/login', victim.username, 'wrong password'))
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    expect(await signIn('/api/auth/login', victim.username, PASSWORD)).toBe(429)
    expect(await signIn('/api/auth/login', known.username, PASSWORD)).toBe(200)
  })

  test('a client that the account does not know is refused as every request is, and told when to come back', async () => {
    const forwarded = await startApp({
      DATABASE_URL: before.databaseUrl,
      RATE_REQUESTS_PER_MINUTE: '1',
      TRUSTED_PROXIES: '127.0.0.1',
    })
    const from = { 'x-forwarded-for': '198.51.100.9' }
    await ask('GET', `${forwarded.url}/api/v1/rooms`, { headers: from })
    const json = { username: newcomer.username, password: PASSWORD }
    const refused = await ask('POST', `${forwarded.url}/api/auth/login`, { json, headers: from })
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    await forwarded.close()
  })

  test('sign-ins end as well, at ten times the limit', async () => {
    const few = await startApp({ DATABASE_URL: before.databaseUrl, RATE_REQUESTS_PER_MINUTE: '1' })
    const statuses: number[] = []
    for (let i = 0; i < 13; i++) statuses.push(await signIn('/api/auth/login', known.username, PASSWORD, few))
    expect(statuses).toEqual([...Array(11).fill(200), 429, 429])
    await few.close()
  })

  test('the log says so in one line, with what to do', () => {
    const told = app.logs().filter((line) => line.includes('RATE_REQUESTS_PER_MINUTE'))
    expect(told).toEqual([expect.stringMatching(/"level":40.*127\.0\.0\.1 are refused.*TRUSTED_PROXIES/)])
  })

  async function signIn(path: string, username: string, password: string, on = app): Promise<number> {
    return (await ask('POST', on.url + path, { json: { username, password } })).status
  }
})

test('sockets beyond those of the address are told in one line', async () => {
  const app = await startApp({ DATABASE_URL: before.databaseUrl, MAX_CONNECTIONS_PER_ADDRESS: '1' })
  const { token } = await login(before, (await register(before)).username)
  const socket = await openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${token}`)
  for (let i = 0; i < 3; i++) {
    expect((await handshake(`${app.wsUrl}/api/v2/socket?token=${token}`)).status).toBe(429)
  }
  const told = app.logs().filter((line) => line.includes('MAX_CONNECTIONS_PER_ADDRESS'))
  expect(told).toEqual([expect.stringMatching(/"level":40.*127\.0\.0\.1 are refused.*TRUSTED_PROXIES/)])
  socket.end()
  await app.close()
})
