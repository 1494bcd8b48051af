import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { handshake, rawRequest } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Account, PASSWORD, register } from '../support/accounts-client.ts'
import { ask, expectAnswer } from '../support/rest.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import { DetailShape } from '../support/v1-shapes.ts'

let app: TestApp
let sql: Sql
let v1: V1Client
let room: V1Room
let user: V1User
let account: Account
let stored: unknown

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
  v1 = v1Client(app)
  room = await v1.room()
  user = await v1.user()
  account = await register(app)
})
beforeEach(async () => {
  stored = await everythingStored()
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

/** A good body of each route that takes one; ROOM, USER and NAME are filled in. */
const good = {
  '/api/v1/rooms': { name: 'a name' },
  '/api/v1/users': { username: 'somebody' },
  '/api/v1/rooms/ROOM/messages': { content: 'hello', user_id: 'USER' },
  '/api/auth/register': { username: 'somebody', password: PASSWORD },
  '/api/auth/login': { username: 'NAME', password: PASSWORD },
  '/api-token-auth/': { username: 'NAME', password: PASSWORD },
} as const

const fields = Object.entries(good).flatMap(([path, body]) =>
  Object.keys(body).map((field): [string, string] => [path, field]),
)

describe.each(fields)('%s, its field %s', (path, field) => {
  test('missing or of another type gets a 400 that names it, and nothing is stored', async () => {
    for (const value of [
      undefined,
      null,
      7,
      0.5,
      true,
      [],
      ['x'],
      {},
      { length: 1 },
      { toString: '' },
      [{ valueOf: 1, toString: null }],
    ]) {
      const answer = await post(path, { ...bodyOf(path), [field]: value })
      expect(expectAnswer(answer, 400, DetailShape).detail).toContain(field)
      expect(answer.text).not.toContain(PASSWORD)
    }
    expect(await everythingStored()).toEqual(stored)
  })
})

describe.each(Object.keys(good))('%s', (path) => {
  test('does not read fields from the prototype', async () => {
    const body = JSON.stringify({ __proto: bodyOf(path) }).replace('__proto', '__proto__')
    expectAnswer(await ask('POST', url(path), { body }), 400, DetailShape)
    expect(await everythingStored()).toEqual(stored)
  })

  test('refuses a Content-Length that is larger than any buffer, without reading the body', async () => {
    const head = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 20000000000']
    const answer = await rawRequest(
      app.url,
      `POST ${filled(path)} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n{}`,
    )
    expect(answer.status).toBe(path.startsWith('/api/v1') ? 400 : 413)
    expect(Object.keys(Object(answer.json))).toEqual(['detail'])
    expect(await everythingStored()).toEqual(stored)
  })

  test('refuses a valid body with one byte that is not UTF-8', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...bodyOf(path), note: 'X' }))
    bytes[bytes.lastIndexOf('X')] = 0xff
    const answer = await ask('POST', url(path), { body: new Uint8Array(bytes) })
    expect(expectAnswer(answer, 400, DetailShape).detail).toContain('UTF-8')
    expect(await everythingStored()).toEqual(stored)
  })

  test('refuses a body that is nested too deeply, even in a field that is ignored', async () => {
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`
    const body = JSON.stringify({ ...bodyOf(path), extra: 'DEEP' }).replace('"DEEP"', deep)
    const answer = await ask('POST', url(path), { body })
    expect(expectAnswer(answer, 400, DetailShape).detail).toContain('64 levels')
    expect(await everythingStored()).toEqual(stored)
  })
})

describe('text', () => {
  // Spelled as JSON escapes: what a client may write, whatever it means.
  test.each(['\\u0000', 'a\\u0000b', '\\ud800', 'x\\udfffx', '\\ude00\\ud83d'])(
    'with %s is refused with 400 wherever it would be stored',
    async (escaped) => {
      const bodies = {
        '/api/v1/rooms': `{"name":"${escaped}"}`,
        '/api/v1/users': `{"username":"${escaped}"}`,
        '/api/v1/rooms/ROOM/messages': `{"content":"${escaped}","user_id":"${user.id}"}`,
        '/api/auth/register': `{"username":"${escaped}","password":"${PASSWORD}"}`,
      }
      for (const [path, body] of Object.entries(bodies)) {
        expectAnswer(await ask('POST', url(path), { body }), 400, DetailShape)
      }
      const typed = `{"content":"x","type":"${escaped}","user_id":"${user.id}"}`
      expectAnswer(await ask('POST', url('/api/v1/rooms/ROOM/messages'), { body: typed }), 400, DetailShape)
      expect(await everythingStored()).toEqual(stored)
    },
  )

  test('that cannot be a name or a password is a failed sign-in, not a server fault', async () => {
    for (const text of ['\0', '\ud800', '', ' ', 'x'.repeat(60_000), 'ﷺ'.repeat(300)]) {
      const unknown = await post('/api/auth/login', { username: text, password: PASSWORD })
      expectAnswer(unknown, 401, DetailShape)
      const wrong = await post('/api/auth/login', { username: account.username, password: text })
      expectAnswer(wrong, 401, DetailShape)
    }
  })

  test('with a byte order mark before the JSON is accepted', async () => {
    const body = new TextEncoder().encode(
      '\ufeff{"content":"\ufeffmarked","user_id":"USER"}'.replace('USER', user.id),
    )
    const answer = await ask('POST', url('/api/v1/rooms/ROOM/messages'), { body })
    if (answer.status === 200) expect(answer.json).toMatchObject({ content: '\ufeffmarked' })
    else expectAnswer(answer, 400, DetailShape)
  })
})

describe('the path of the socket', () => {
  test('without a handshake, or with a broken one, answers 400 and does not join the room', async () => {
    const path = `/api/v1/ws/${room.id}/${user.id}`
    const answers = [
      await ask('GET', app.url + path),
      await handshake(app.wsUrl + path, { Upgrade: 'h2c' }),
      await handshake(app.wsUrl + path, { 'Sec-WebSocket-Key': '' }),
      await handshake(app.wsUrl + path, { 'Sec-WebSocket-Key': 'short' }),
    ]
    for (const answer of answers) {
      expect([answer.status, Object.keys(Object(answer.json))]).toEqual([400, ['detail']])
    }
    expect(await everythingStored()).toEqual(stored)
  })

  test('answers 404 for ids that cannot exist', async () => {
    for (const id of ['0', '-1', '1.5', '1e30', '9007199254740992', 'x', '%00', '%20']) {
      expect((await handshake(`${app.wsUrl}/api/v1/ws/${id}/${user.id}`)).status).toBe(404)
      expect((await handshake(`${app.wsUrl}/api/v1/ws/${room.id}/${id}`)).status).toBe(404)
    }
  })
})

describe('HTTP itself', () => {
  const hosts = [
    'a b',
    '[',
    'x:99999',
    '',
    '%',
    'user@',
    '/',
    '\\',
    '😀',
    'localhost:8000',
    'x',
    'db',
    '[::1]:80',
  ]
  test.each(hosts)(
    'a Host header of %p gets a response in the contract’s shape, never a page of the framework',
    async (host) => {
      const answer = await rawRequest(app.url, `GET /api/v1/rooms/999999 HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect([400, 404]).toContain(answer.status)
      if (answer.text !== '') expect(Object.keys(Object(answer.json))).toEqual(['detail'])
    },
  )

  test('health checks of old load balancers, without a Host header, are answered', async () => {
    for (const path of ['/healthz', '/api/v1/rooms']) {
      const answer = await rawRequest(app.url, `GET ${path} HTTP/1.0\r\n\r\n`)
      expect(answer.status).toBeLessThan(500)
    }
  })

  test.each(['x', 'db', 'app', 'a.b'])('with the short Host header %p every route is found', async (host) => {
    const answer = await rawRequest(app.url, `GET /api/v1/rooms/${room.id} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect([answer.status, answer.json]).toEqual([200, room])
  })

  test('a request target with another host is reduced to its path', async () => {
    const request = `GET http://elsewhere.example/api/v1/rooms/${room.id} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expect((await rawRequest(app.url, request)).json).toEqual(room)
  })
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function filled(text: string): string {
  return text.replace('ROOM', room.id).replace('USER', user.id).replace('NAME', account.username)
}

function url(path: string): string {
  return app.url + filled(path)
}

function bodyOf(path: string): Record<string, string> {
  const body: Record<string, string> = Object.entries(good).find(([key]) => key === path)?.[1] ?? {}
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filled(value)]))
}

function post(path: string, json: unknown) {
  return ask('POST', url(path), { json })
}

/** How much there is in every table. */
async function everythingStored(): Promise<unknown> {
  return await sql`
    select (select count(*) from users) as users, (select count(*) from rooms) as rooms,
      (select count(*) from messages) as messages, (select count(*) from members) as members,
      (select count(*) from tokens) as tokens, (select sum(last_seq) from rooms) as numbers`
}
