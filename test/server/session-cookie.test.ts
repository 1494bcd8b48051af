import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Account, login, PASSWORD, register } from '../api/support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../api/support/rest.ts'
import { DetailShape } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'

const LISTED = 'https://chat.example.com'

let app: TestApp
let account: Account
let cookie: string

beforeAll(async () => {
  app = await startApp({
    ALLOWED_ORIGINS: `${LISTED}, http://localhost:3000`,
    TRUSTED_PROXIES: '127.0.0.1',
    V1_TRUST_IDS: 'false',
  })
  account = await register(app)
  cookie = (await login(app, account.username)).cookie
})
afterAll(() => app.close())

describe('a request that changes something, with the session cookie,', () => {
  test('is accepted from programs, from the server’s own pages and from allowed origins', async () => {
    expect((await ticket({ cookie })).status).toBe(200)
    for (const origin of [app.url, LISTED, 'http://localhost:3000']) {
      expect([origin, (await ticket({ cookie, origin })).status]).toEqual([origin, 200])
    }
  })

  test.each([
    'https://evil.example',
    'null',
    '',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'https://chat.example.com.evil.example',
    'https://evilchat.example.com',
    'http://chat.example.com',
    'https://chat.example.com:8443',
    'https://CHAT.example.com',
    'http://localhost:3001',
  ])('gets 403 from %p', async (origin) => {
    for (const path of ['ticket', 'logout']) {
      const answer = await ask('POST', `${app.url}/api/auth/${path}`, { headers: { cookie, origin } })
      expectAnswer(answer, 403, DetailShape)
      expect(answer.headers.get('set-cookie')).toBeNull()
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    }
    // Neither was done.
    expect((await ticket({ cookie })).status).toBe(200)
  })

  test('gets 403 from the server’s own host over plain HTTP, if the client uses TLS', async () => {
    const headers = { cookie, 'x-forwarded-proto': 'https' }
    expectAnswer(await ticket({ ...headers, origin: app.url }), 403, DetailShape)
    expect((await ticket({ ...headers, origin: app.url.replace('http:', 'https:') })).status).toBe(200)
  })
})

describe('a token in the header', () => {
  test('needs no Origin header, because no browser adds it by itself', async () => {
    for (const origin of ['https://evil.example', 'null']) {
      expect((await ticket({ authorization: `Token ${account.token}`, origin })).status).toBe(200)
    }
  })

  test('takes precedence over the cookie, valid or not', async () => {
    const wrong = await ticket({ authorization: `Token ${'0'.repeat(40)}`, cookie })
    expectAnswer(wrong, 401, DetailShape)
    expect(
      (await ticket({ authorization: `Token ${account.token}`, cookie: 'parley_session=junk' })).status,
    ).toBe(200)
  })
})

describe('a cookie header', () => {
  test('may hold other cookies around the session', async () => {
    expect((await ticket({ cookie: `a=1; csrftoken=x=y; ${cookie}; theme="dark"` })).status).toBe(200)
  })

  test.each([
    'parley_session=',
    'parley_session',
    'parley_session=%ZZ',
    'parley_session=%00',
    'parley_session=junk',
    '=',
    ';;;',
    '\u00ff\u00fe',
    'PARLEY_SESSION=junk',
    `parley_session=${'a'.repeat(5000)}`,
  ])('that is %p gets 401, not a server fault', async (junk) => {
    expectAnswer(await ticket({ cookie: junk }), 401, DetailShape)
  })
})

test('reading does not depend on the Origin, because the browser hides the response from a foreign page', async () => {
  const headers = { cookie, origin: 'https://evil.example' }
  const answer = await ask('GET', `${app.url}/api/v1/rooms`, { headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function ticket(headers: Record<string, string>): Promise<Answer> {
  return ask('POST', `${app.url}/api/auth/ticket`, { headers })
}

describe('signing in, which sets the cookie,', () => {
  test('works for programs and pages of allowed origins', async () => {
    for (const origin of [undefined, app.url, LISTED]) expect((await signIn(origin)).status).toBe(200)
  })

  test.each(['https://evil.example', 'null', 'https://chat.example.com.evil.example'])(
    'gets 403 from %p, and sets no cookie',
    async (origin) => {
      const answer = await signIn(origin)
      expectAnswer(answer, 403, DetailShape)
      expect(answer.headers.get('set-cookie')).toBeNull()
    },
  )

  function signIn(origin: string | undefined): Promise<Answer> {
    const json = { username: account.username, password: PASSWORD }
    return ask('POST', `${app.url}/api/auth/login`, { json, ...(origin && { headers: { origin } }) })
  }
})
