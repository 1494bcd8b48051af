// Guesses at an account, however many and from wherever, keep its owner out of nothing that they have signed in from before.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { startApp, type TestApp } from '../../support/app.ts'
import { PASSWORD, register } from '../support/accounts-client.ts'
import { type Answer, ask } from '../support/rest.ts'

const LIMIT = 3
const EVIL = 'https://evil.example'

let app: TestApp
let other: TestApp
let sources = 0

beforeAll(async () => {
  const env = { TRUSTED_PROXIES: '127.0.0.1', RATE_LOGINS_PER_MINUTE: `${LIMIT}` }
  app = await startApp(env)
  other = await startApp({ ...env, DATABASE_URL: app.databaseUrl })
})
afterAll(() => Promise.all([app.close(), other.close()]))

describe('while strangers keep guessing the password of an account, its owner', () => {
  test('signs in from an address used before, over every sign-in route, on every node', async () => {
    const { username } = await register(app)
    const home = address()
    expect(await statusOf(signIn(username, PASSWORD, home))).toBe(200)
    await guessFromEverywhere(username)
    expect(await statusOf(signIn(username, PASSWORD, address()))).toBe(429)
    for (const path of ['/api/auth/login', '/api-token-auth/', '/api/v2/tokens']) {
      expect([path, await statusOf(signIn(username, PASSWORD, home, { path }))]).toEqual([
        path,
        path === '/api/v2/tokens' ? 201 : 200,
      ])
    }
    expect(await statusOf(signIn(username, PASSWORD, home, { on: other }))).toBe(200)
  })

  test('signs in from the address where the account was created', async () => {
    const username = `acc${crypto.randomUUID()}`
    const home = address()
    const headers = { 'x-forwarded-for': home }
    await ask('POST', `${app.url}/api/auth/register`, { json: { username, password: PASSWORD }, headers })
    await guessFromEverywhere(username)
    expect(await statusOf(signIn(username, PASSWORD, home))).toBe(200)
  })

  test('signs in with a browser used before, from any address', async () => {
    const { username } = await register(app)
    const browser = deviceOf(await signIn(username, PASSWORD, address()))
    await guessFromEverywhere(username)
    expect(await statusOf(signIn(username, PASSWORD, address(), { cookie: browser }))).toBe(200)
    expect(await statusOf(signIn(username, PASSWORD, address(), { cookie: browser, on: other }))).toBe(200)
    expect(
      await statusOf(signIn(username, PASSWORD, address(), { cookie: `parley_device=${'0'.repeat(40)}` })),
    ).toBe(429)
  })

  test('changes the password, even if strangers guess from the same address', async () => {
    const { username, token } = await register(app)
    const home = address()
    await signIn(username, PASSWORD, home)
    for (let i = 0; i < 4 * LIMIT; i++) await signIn(username, 'wrong password', home)
    await guessFromEverywhere(username)
    const json = { current_password: PASSWORD, new_password: 'staple, correct horse' }
    const headers = { 'x-forwarded-for': home }
    const changed = await ask('PUT', `${app.url}/api/v2/me/password`, { json, headers, token })
    expect([changed.status, changed.text]).toEqual([204, ''])
  })
})

describe('one guesser', () => {
  test('behind a shared address does not lock out other accounts there, nor known browsers of the attacked account', async () => {
    const shared = address()
    const [victim, neighbour, newcomer] = [await register(app), await register(app), await register(app)]
    const browser = deviceOf(await signIn(victim.username, PASSWORD, shared))
    await signIn(neighbour.username, PASSWORD, shared)
    for (let i = 0; i < 20; i++) await signIn(victim.username, `guess ${i}`, shared)
    expect(await statusOf(signIn(victim.username, PASSWORD, shared))).toBe(429)
    expect(await statusOf(signIn(victim.username, PASSWORD, shared, { cookie: browser }))).toBe(200)
    for (const { username } of [neighbour, newcomer]) {
      expect(await statusOf(signIn(username, PASSWORD, shared))).toBe(200)
    }
  })

  test('from a client that the account knows is stopped after as many guesses as a stranger', async () => {
    const { username } = await register(app)
    const known = address()
    const browser = deviceOf(await signIn(username, PASSWORD, known))
    for (const cookie of [undefined, browser]) {
      const statuses: number[] = []
      for (let i = 0; i < LIMIT + 3; i++) {
        statuses.push(await statusOf(signIn(username, `guess ${i}`, known, { cookie })))
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429, 429])
    }
  })
})

describe('a page of another site', () => {
  test('does not use up the guesses of its visitor', async () => {
    const { username } = await register(app)
    const home = address()
    const browser = deviceOf(await signIn(username, PASSWORD, home))
    for (const path of ['/api-token-auth/', '/api/v2/tokens']) {
      for (let i = 0; i < 2 * LIMIT; i++) {
        const headers = i % 2 === 0 ? { origin: EVIL } : { 'sec-fetch-site': 'cross-site' }
        await signIn(username, `guess ${i}`, home, { path, cookie: browser, headers, form: true })
      }
    }
    expect(await statusOf(signIn(username, PASSWORD, home))).toBe(200)
    expect(await statusOf(signIn(username, PASSWORD, home, { cookie: browser }))).toBe(200)
  })

  test('is not assumed when a proxy hides the host name of Parley’s own page', async () => {
    const { username } = await register(app)
    const home = address()
    const headers = { origin: 'https://chat.example.org' }
    expect(await statusOf(signIn(username, PASSWORD, home, { path: '/api/v2/tokens', headers }))).toBe(201)
    await guessFromEverywhere(username)
    expect(await statusOf(signIn(username, PASSWORD, home, { path: '/api/v2/tokens', headers }))).toBe(201)
  })
})

describe('the cookie that marks a known browser', () => {
  test('is set once, by a sign-in with a session, and does not sign anybody in', async () => {
    const { username } = await register(app)
    const answer = await signIn(username, PASSWORD, address())
    const [session, device] = answer.headers.getSetCookie()
    expect(session).toMatch(/^parley_session=[0-9a-f]{40}; /)
    expect(device).toMatch(/^parley_device=[0-9a-f]{40}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Lax$/)
    const cookie = deviceOf(answer)
    expect((await ask('POST', `${app.url}/api/auth/ticket`, { headers: { cookie } })).status).toBe(401)
    const again = await signIn(username, PASSWORD, address(), { cookie })
    expect(again.headers.getSetCookie()).toHaveLength(1)
    for (const path of ['/api-token-auth/', '/api/v2/tokens']) {
      expect((await signIn(username, PASSWORD, address(), { path })).headers.getSetCookie()).toEqual([])
    }
  })

  test('is replaced if the account does not know it', async () => {
    const { username } = await register(app)
    const planted = `parley_device=${'a'.repeat(40)}`
    const given = deviceOf(await signIn(username, PASSWORD, address(), { cookie: planted }))
    expect(given).not.toBe(planted)
    await guessFromEverywhere(username)
    expect(await statusOf(signIn(username, PASSWORD, address(), { cookie: planted }))).toBe(429)
    expect(await statusOf(signIn(username, PASSWORD, address(), { cookie: given }))).toBe(200)
  })

  test.each(['', 'x', 'A'.repeat(40), '%00', `${'0'.repeat(40)}0`])(
    'with the value %j is ignored',
    async (junk) => {
      const { username } = await register(app)
      const answer = await signIn(username, PASSWORD, address(), { cookie: `parley_device=${junk}` })
      expect([answer.status, deviceOf(answer)]).toEqual([
        200,
        expect.stringMatching(/^parley_device=[0-9a-f]{40}$/),
      ])
    },
  )

  test('and addresses are not in the database in plain text', async () => {
    const { username } = await register(app)
    const home = address()
    const secret = deviceOf(await signIn(username, PASSWORD, home)).replace('parley_device=', '')
    const sql = postgres(app.databaseUrl, { max: 1 })
    const rows = await sql<
      { row: string; client: Buffer }[]
    >`select k::text as row, client from known_clients k`
    expect(rows.length).toBeGreaterThan(1)
    for (const { row, client } of rows) {
      expect(row).not.toContain(secret)
      expect(row).not.toContain(home)
      expect(client).toHaveLength(32)
    }
    await sql.end()
  })
})

/** One that nobody else has. */
function address(): string {
  sources++
  return `172.19.${sources >> 8}.${sources & 255}`
}

async function guessFromEverywhere(username: string): Promise<void> {
  for (let i = 0; i < LIMIT; i++) await signIn(username, `guess ${i}`, address())
  expect(await statusOf(signIn(username, 'one more', address()))).toBe(429)
}

interface SignIn {
  readonly path?: string
  readonly cookie?: string | undefined
  readonly headers?: Record<string, string>
  /** As a form sends it, which any page may have its visitor's browser do. */
  readonly form?: boolean
  readonly on?: TestApp
}

function signIn(username: string, password: string, from: string, how: SignIn = {}): Promise<Answer> {
  const { path = '/api/auth/login', cookie, headers, form = false, on = app } = how
  const fields = { username, password }
  return ask('POST', on.url + path, {
    ...(form ? { body: new URLSearchParams(fields).toString() } : { json: fields }),
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      'x-forwarded-for': from,
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
  })
}

async function statusOf(answer: Promise<Answer>): Promise<number> {
  return (await answer).status
}

function deviceOf(answer: Answer): string {
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? '')
  return cookies.find((cookie) => cookie.startsWith('parley_device=')) ?? ''
}
