import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import {
  FormErrorShape,
  login,
  PASSWORD,
  register,
  SessionShape,
  TicketShape,
  TokenShape,
} from '../support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import { DetailShape } from '../support/v1-shapes.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp({ TRUSTED_PROXIES: '127.0.0.1', TOKEN_TTL_DAYS: '7' })
})
afterAll(() => app.close())

describe('/api/auth/register', () => {
  test('answers 201 with a token and the user, and nothing else', async () => {
    const answer = await post('/api/auth/register', { username: 'Alice', password: PASSWORD })
    const { token, user } = expectAnswer(answer, 201, SessionShape)
    expect(user.username).toBe('Alice')
    expect(answer.text).not.toContain(PASSWORD)
    expect((await ask('POST', `${app.url}/api/auth/ticket`, { token })).status).toBe(200)
  })

  test('usernames that differ only in case are one account', async () => {
    await register(app, 'Taken')
    for (const username of ['Taken', 'taken', 'TAKEN', 'Ｔaken']) {
      const answer = await post('/api/auth/register', { username, password: PASSWORD })
      expectAnswer(answer, 409, DetailShape)
    }
    const v1 = await ask('POST', `${app.url}/api/v1/users`, { json: { username: 'tAKEN' } })
    expectAnswer(v1, 400, DetailShape)
  })

  test.each([
    ['empty', ''],
    ['seven characters', '1234567'],
    ['seven characters of two UTF-16 units', '😀'.repeat(7)],
    ['257 characters', 'x'.repeat(257)],
    ['NUL', 'long enough\0'],
    ['half a surrogate pair', 'long enough\ud800'],
  ])('a password that is %s gets 400', async (_, password) => {
    const username = `refused${crypto.randomUUID()}`
    const answer = await post('/api/auth/register', { username, password })
    expect(expectAnswer(answer, 400, DetailShape).detail).toContain('password')
    if (password !== '') expect(answer.text).not.toContain(password)
    // Nothing was stored: the name is still free.
    await register(app, username)
  })

  test('a password of 8 or 256 characters of any kind is accepted', async () => {
    for (const password of ['12345678', '😀'.repeat(256)]) {
      const username = `fits${crypto.randomUUID()}`
      expectAnswer(await post('/api/auth/register', { username, password }), 201, SessionShape)
      expectAnswer(await post('/api/auth/login', { username, password }), 200, SessionShape)
      // One character more or less is another password, at the cap too.
      const other = { username, password: `${password}x` }
      expectAnswer(await post('/api/auth/login', other), 401, DetailShape)
    }
  })

  test('PASSWORD_MIN_LENGTH is the minimum length', async () => {
    const strict = await startApp({ PASSWORD_MIN_LENGTH: '30', DATABASE_URL: app.databaseUrl })
    const json = { username: 'strictly', password: 'x'.repeat(29) }
    expectAnswer(await ask('POST', `${strict.url}/api/auth/register`, { json }), 400, DetailShape)
    await strict.close()
  })

  test('extra fields change nothing', async () => {
    const extra = {
      id: 1,
      role: 'admin',
      is_staff: true,
      created_at: '1970-01-01T00:00:00Z',
      token: '0'.repeat(40),
    }
    const username = `extra${crypto.randomUUID()}`
    const answer = await post('/api/auth/register', { ...extra, username, password: PASSWORD })
    const { token, user } = expectAnswer(answer, 201, SessionShape)
    expect([token === extra.token, user.id === extra.id]).toEqual([false, false])
    const shown = await ask('GET', `${app.url}/api/v1/users/${user.id}`)
    expect(shown.text).not.toContain('1970-01-01')
  })
})

describe('/api/auth/login', () => {
  test('answers 200 with a new token each time; earlier tokens stay valid', async () => {
    const account = await register(app)
    const one = await login(app, account.username)
    const two = await login(app, account.username)
    expect(new Set([account.token, one.token, two.token]).size).toBe(3)
    for (const token of [account.token, one.token, two.token]) expect(await lives(token)).toBe(true)
  })

  test('accepts the name in any case', async () => {
    const account = await register(app, `Mixed${crypto.randomUUID()}`)
    const answer = await post('/api/auth/login', {
      username: account.username.toUpperCase(),
      password: PASSWORD,
    })
    expect(expectAnswer(answer, 200, SessionShape).user.username).toBe(account.username)
  })

  test('sets the token as a cookie that scripts cannot read and foreign pages do not send', async () => {
    const { username } = await register(app)
    const { token, setCookie } = await login(app, username)
    const [first, ...attributes] = setCookie.split('; ')
    expect(first).toBe(`parley_session=${token}`)
    expect(attributes.sort()).toEqual(['HttpOnly', `Max-Age=${7 * 86_400}`, 'Path=/', 'SameSite=Lax'])
  })

  test('the cookie is Secure if a trusted proxy says that the client uses TLS', async () => {
    const { username } = await register(app)
    const json = { username, password: PASSWORD }
    const headers = { 'x-forwarded-proto': 'https' }
    const secure = await ask('POST', `${app.url}/api/auth/login`, { json, headers })
    expect(secure.headers.get('set-cookie')).toContain('; Secure')
    const direct = await startApp({ DATABASE_URL: app.databaseUrl })
    const claimed = await ask('POST', `${direct.url}/api/auth/login`, { json, headers })
    expect(claimed.headers.get('set-cookie')).not.toContain('Secure')
    await direct.close()
  })

  test('a failed sign-in sets no cookie', async () => {
    const { username } = await register(app)
    const answer = await post('/api/auth/login', { username, password: 'wrong password' })
    expectAnswer(answer, 401, DetailShape)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test('nobody can sign in to an account without a password', async () => {
    const username = `bare${crypto.randomUUID()}`
    await ask('POST', `${app.url}/api/v1/users`, { json: { username } })
    for (const password of ['', 'null', PASSWORD]) {
      expectAnswer(await post('/api/auth/login', { username, password }), 401, DetailShape)
    }
  })
})

describe('/api-token-auth/', () => {
  test('answers 200 with exactly the token, for JSON and for a form, with and without the slash', async () => {
    const { username } = await register(app)
    const fields = { username, password: PASSWORD }
    const answers = [
      await post('/api-token-auth/', fields),
      await post('/api-token-auth', fields),
      await ask('POST', `${app.url}/api-token-auth/`, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      }),
    ]
    for (const answer of answers) {
      expect(await lives(expectAnswer(answer, 200, TokenShape).token)).toBe(true)
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })

  test('answers 400 with the framework’s error of a form for a wrong password', async () => {
    const { username } = await register(app)
    for (const path of ['/api-token-auth/', '/api-token-auth']) {
      const answer = await post(path, { username, password: 'wrong password' })
      const { non_field_errors } = expectAnswer(answer, 400, FormErrorShape)
      expect(non_field_errors[0]).toBe('Unable to log in with provided credentials.')
    }
  })
})

describe('/api/auth/ticket', () => {
  test('needs a signed-in caller', async () => {
    expectAnswer(await ask('POST', `${app.url}/api/auth/ticket`), 401, DetailShape)
    expectAnswer(await ask('POST', `${app.url}/api/auth/ticket`, { token: '0'.repeat(40) }), 401, DetailShape)
  })

  test('answers with a new ticket each time, valid for 30 seconds', async () => {
    const { token } = await register(app)
    const tickets = new Set<string>()
    for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `parley_session=${token}` }]) {
      const answer = await ask('POST', `${app.url}/api/auth/ticket`, { headers })
      tickets.add(expectAnswer(answer, 200, TicketShape).ticket)
    }
    expect(tickets.size).toBe(2)
    expect(tickets).not.toContain(token)
  })

  test('a token in the query is not accepted here', async () => {
    const { token } = await register(app)
    for (const path of ['ticket', 'logout']) {
      expectAnswer(await ask('POST', `${app.url}/api/auth/${path}?token=${token}`), 401, DetailShape)
    }
    expect(await lives(token)).toBe(true)
  })
})

test('an unknown path or method is 404 in the contract’s shape', async () => {
  for (const [method, path] of [
    ['GET', '/api/auth/login'],
    ['GET', '/api/auth/'],
    ['GET', '/api/auth'],
    ['POST', '/api/auth/nope'],
    ['GET', '/api-token-auth/'],
    ['DELETE', '/api/auth/logout'],
  ] as const) {
    const answer = await ask(method, app.url + path)
    expect([404, 405]).toContain(answer.status)
    expectAnswer(answer, answer.status, DetailShape)
  }
})

function post(path: string, json: unknown): Promise<Answer> {
  return ask('POST', app.url + path, { json })
}

async function lives(token: string): Promise<boolean> {
  return (await ask('POST', `${app.url}/api/auth/ticket`, { token })).status === 200
}
