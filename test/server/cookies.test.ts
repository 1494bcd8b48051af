// The session cookie beside those of other programs on the same host: its name, path and SameSite, and values that are not ours.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createCookies } from '../../src/server/index.ts'
import { login, PASSWORD, register } from '../api/support/accounts-client.ts'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { handshake } from './support/raw-http.ts'

/** A value that Django would give its session cookie. */
const FOREIGN = 'k2j4h5g6f7d8s9a0q1w2e3r4t5y6u7i8'
const PAGE = 'https://frontend.example'

let app: TestApp
let other: TestApp
let username: string

beforeAll(async () => {
  app = await startApp({ ALLOW_GUESTS: 'true', V1_TRUST_IDS: 'true' })
  other = await startApp({
    DATABASE_URL: app.databaseUrl,
    SESSION_COOKIE_NAME: 'team_chat',
    SESSION_COOKIE_PATH: '/talk/',
    SESSION_COOKIE_SAMESITE: 'none',
    ALLOWED_ORIGINS: PAGE,
    TRUSTED_PROXIES: '127.0.0.1',
  })
  username = (await register(app)).username
})
afterAll(() => Promise.all([app.close(), other.close()]))

describe('the cookies of a sign-in', () => {
  test('have names that no framework uses', async () => {
    expect(await namesOf(app)).toEqual(['parley_session', 'parley_device'])
  })

  test('have names, a path and SameSite of the operator’s choice', async () => {
    expect(await namesOf(other)).toEqual(['team_chat', 'team_chat_device'])
    for (const cookie of await cookiesOf(other)) {
      expect(cookie).toMatch(/; Path=\/talk\/; .*Secure; .*SameSite=None/)
    }
  })

  test('are removed under the same name and path', async () => {
    const { cookie } = await login(other, username)
    const headers = { cookie, origin: PAGE }
    const answer = await ask('POST', `${other.url}/api/auth/logout`, { headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^team_chat=; Path=\/talk\/; Max-Age=0; Secure; HttpOnly; SameSite=None$/),
    ])
  })

  test('have the path of a prefix that a trusted proxy tells, where no path is set', async () => {
    const proxied = await startApp({ DATABASE_URL: app.databaseUrl, TRUSTED_PROXIES: '127.0.0.1' })
    const { setCookie } = await login(proxied, username, { 'x-forwarded-prefix': '/team' })
    expect(setCookie).toContain('; Path=/team/;')
    await proxied.close()
  })

  test('sign in to one server without signing out of the other', async () => {
    const [one, two] = [(await login(app, username)).cookie, (await login(other, username)).cookie]
    const cookie = `${two}; ${one}; sessionid=${FOREIGN}`
    for (const server of [app, other]) {
      expect((await ask('POST', `${server.url}/api/auth/ticket`, { headers: { cookie } })).status).toBe(200)
    }
  })

  test('are named in the documentation as they are set', async () => {
    for (const path of ['/docs/json', '/docs/asyncapi.json']) {
      const { json } = await ask('GET', other.url + path)
      expect([path, json]).toMatchObject([
        path,
        { components: { securitySchemes: { session: { name: 'team_chat' } } } },
      ])
    }
  })
})

test('a name with a prefix that browsers check gets what they check for', () => {
  const made = (name: string) =>
    createCookies({ name, path: undefined, sameSite: 'lax' }).session('x', 1, {
      address: '',
      origin: 'http://localhost',
      prefix: '/chat',
    })
  expect(made('plain')).toBe('plain=x; Path=/chat/; Max-Age=1; HttpOnly; SameSite=Lax')
  expect(made('__Secure-x')).toBe('__Secure-x=x; Path=/chat/; Max-Age=1; Secure; HttpOnly; SameSite=Lax')
  expect(made('__Host-x')).toBe('__Host-x=x; Path=/; Max-Age=1; Secure; HttpOnly; SameSite=Lax')
})

describe.each([
  ['another program’s', `sessionid=${FOREIGN}`],
  ['of our name, but another program’s', `parley_session=${FOREIGN}`],
  ['of our form, but of no session', `parley_session=${'0'.repeat(40)}`],
])('a session cookie that is %s', (_, cookie) => {
  test.each(['/', '/docs', '/docs/json', '/healthz', '/api/v1/rooms', '/web/app.js'])(
    'is no obstacle to reading %s',
    async (path) => {
      expect((await ask('GET', app.url + path, { headers: { cookie } })).status).toBe(200)
    },
  )

  test.each(['/api/v2/socket', '/ws/chat/lobby/'])(
    'is no obstacle to a nameless socket: %s',
    async (path) => {
      expect((await handshake(app.wsUrl + path, { Cookie: cookie })).status).toBe(101)
    },
  )

  test('is no obstacle to a page of another site that opens such a socket and names its user later', async () => {
    const headers = { Cookie: cookie, Origin: PAGE }
    expect((await handshake(`${app.wsUrl}/api/v2/socket`, headers)).status).toBe(101)
  })

  test('lets no page of another site in where only own pages may be nobody', async () => {
    const headers = { Cookie: cookie, Origin: PAGE }
    expect((await handshake(`${app.wsUrl}/ws/chat/lobby/`, headers)).status).toBe(403)
  })

  test('is no obstacle to making an account or signing in', async () => {
    const headers = { cookie }
    const json = { username: `acc${crypto.randomUUID()}`, password: PASSWORD }
    for (const path of ['/api/auth/register', '/api/auth/login', '/api-token-auth/', '/api/v2/tokens']) {
      const { status } = await ask('POST', app.url + path, { json, headers })
      expect([path, status < 300]).toEqual([path, true])
    }
  })

  test('is nobody where somebody has to be signed in', async () => {
    for (const path of ['/api/users/', '/api/v2/rooms', '/chat/rooms/']) {
      expect([path, (await ask('GET', app.url + path, { headers: { cookie } })).status]).toEqual([path, 401])
    }
  })
})

async function cookiesOf({ url }: TestApp): Promise<string[]> {
  const json = { username, password: PASSWORD }
  return (await ask('POST', `${url}/api/auth/login`, { json })).headers.getSetCookie()
}

async function namesOf(server: TestApp): Promise<string[]> {
  return (await cookiesOf(server)).map((cookie) => cookie.slice(0, cookie.indexOf('=')))
}
