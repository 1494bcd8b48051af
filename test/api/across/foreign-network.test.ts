// Where the network that a browser is in says who somebody is (guests, ids that are trusted), a page of another site that the browser
// shows is nobody: it gets no socket, and its forms do nothing. Programs send no Origin, and a token speaks for itself anywhere.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { register, TicketShape } from '../support/accounts-client.ts'
import { ask, expectAnswer } from '../support/rest.ts'
import { makeRoom, type Person, person } from '../v2/support/people.ts'

const LISTED = 'https://chat.example.com'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const UNSUPPORTED = 'Unsupported media type in request.'
const NO_ACCOUNTS = 'This origin may not make accounts here'
const NAMELESS = 'Pages of this origin need a token'

let app: TestApp
let anna: Person
let room: number
let hidden: number

/** What foreign pages send along, and what older browsers do that name no origin. */
const foreign = (): Record<string, string>[] => [
  { Origin: 'https://evil.example' },
  { Origin: 'null' },
  { Origin: `${app.url}.evil.example` },
  { Origin: app.url.replace('http:', 'ws:') },
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-site' },
]
/** And what programs, own pages and listed ones do. */
const own = (): Record<string, string>[] => [
  {},
  { Origin: app.url },
  { Origin: LISTED },
  { Origin: app.url, 'Sec-Fetch-Site': 'same-origin' },
  { Origin: LISTED, 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-origin' },
  { 'Sec-Fetch-Site': 'none' },
]

beforeAll(async () => {
  app = await startApp({ ALLOW_GUESTS: 'true', V1_TRUST_IDS: 'true', ALLOWED_ORIGINS: LISTED })
  anna = await person(app)
  room = await makeRoom(app, anna, [], 'public')
  hidden = await makeRoom(app, anna)
})
afterAll(() => app.close())

const sockets: [name: string, status: number, body: object, path: () => string][] = [
  ['a guest’s', 403, { error: NAMELESS }, () => '/ws/chat/lobby/'],
  ['v1’s by an id alone', 401, { detail: NAMELESS }, () => `/api/v1/ws/${hidden}/${anna.id}`],
]

describe.each(sockets)('a socket, %s,', (_, status, body, path) => {
  test('does not open for a page of another origin', async () => {
    for (const headers of foreign()) {
      const refused = await handshake(app.wsUrl + path(), headers)
      expect([headers, refused.status, refused.json]).toEqual([headers, status, body])
    }
  })

  test('opens for programs, for the server’s own pages and for pages of allowed origins', async () => {
    for (const headers of own()) {
      expect([headers, (await handshake(app.wsUrl + path(), headers)).status]).toEqual([headers, 101])
    }
  })

  test('opens for any origin if a token is sent', async () => {
    for (const headers of foreign()) {
      const tokens = { '?token': anna.token, '?ticket': await ticket() }
      for (const [name, value] of Object.entries(tokens)) {
        const { status } = await handshake(`${app.wsUrl}${path()}${name}=${value}`, headers)
        expect([headers, name, status]).toEqual([headers, name, 101])
      }
    }
  })
})

test('a refused guest leaves no account or membership behind', async () => {
  const before = await accounts()
  for (const headers of foreign()) await handshake(`${app.wsUrl}/ws/chat/lobby/`, headers)
  expect(await accounts()).toBe(before)
})

describe('v1 with a bare id, or without a credential,', () => {
  const requests = (): [path: string, json: Record<string, string>][] => [
    [`/rooms/${room}/messages`, { content: 'said by a page', user_id: String(anna.id) }],
    ['/rooms', { name: `room ${crypto.randomUUID()}` }],
  ]

  test('does nothing for a page of another origin, whether by a form or a script', async () => {
    for (const headers of foreign()) {
      for (const [path, json] of requests()) {
        for (const [type, body] of bodies(json)) {
          const url = `${app.url}/api/v1${path}`
          const refused = await ask('POST', url, { body, headers: { 'content-type': type, ...headers } })
          expect([headers, path, type, refused.status, refused.json]).toEqual([
            headers,
            path,
            type,
            type === 'text/plain' ? 400 : 401,
            { detail: type === 'text/plain' ? UNSUPPORTED : NAMELESS },
          ])
        }
      }
    }
    const { json } = await ask('GET', `${app.url}/api/v1/rooms/${room}/messages`)
    expect(json).toEqual([])
  })

  test('serves programs, the server’s own pages and pages of allowed origins', async () => {
    for (const headers of own()) {
      for (const [path, json] of requests()) {
        const { status } = await ask('POST', `${app.url}/api/v1${path}`, { json, headers })
        expect([headers, path, status]).toEqual([headers, path, 200])
      }
    }
  })

  test('accepts a token from any origin', async () => {
    for (const headers of foreign()) {
      for (const [path, json] of requests()) {
        const { status } = await ask('POST', `${app.url}/api/v1${path}`, { json, headers, token: anna.token })
        expect([headers, path, status]).toEqual([headers, path, 200])
      }
    }
  })
})

describe('an account', () => {
  const ways = { '/api/auth/register': 403, '/api/v2/users': 403, '/api/v1/users': 401 }
  const wanted = () => ({ username: `acc${crypto.randomUUID()}`, password: 'correct horse battery' })

  test('is not created by a form of another origin', async () => {
    for (const [path, status] of Object.entries(ways)) {
      for (const headers of foreign()) {
        const refused = await ask('POST', app.url + path, {
          body: new URLSearchParams(wanted()),
          headers: { ...FORM, ...headers },
        })
        expect([path, headers, refused.status]).toEqual([path, headers, status])
        expect(refused.text).toContain(NO_ACCOUNTS)
      }
    }
  })

  test('is created by forms of programs, of the server’s own pages and of allowed origins', async () => {
    for (const path of Object.keys(ways)) {
      for (const headers of own()) {
        const made = await ask('POST', app.url + path, {
          body: new URLSearchParams(wanted()),
          headers: { ...FORM, ...headers },
        })
        expect([path, headers, made.status < 300]).toEqual([path, headers, true])
      }
    }
  })

  test('is created by JSON, which browsers preflight, also from Parley’s own page behind a proxy that hides the host name', async () => {
    const headers = { Origin: 'https://chat.example.org' }
    for (const path of Object.keys(ways)) {
      expect((await ask('POST', app.url + path, { json: wanted(), headers })).status).toBeLessThan(300)
      const asked = {
        ...headers,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      }
      const leave = await ask('OPTIONS', app.url + path, { headers: asked })
      expect(leave.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('with a session cookie gives neither a ticket nor a change to a page of another site that sends no origin', async () => {
    const { token } = await register(app)
    const headers = { cookie: `parley_session=${token}`, 'sec-fetch-site': 'cross-site' }
    for (const path of ['/api/auth/ticket', '/api/auth/logout', '/api/v2/me/tokens']) {
      expect([path, (await ask('POST', app.url + path, { headers })).status]).toEqual([path, 403])
    }
    expect((await handshake(`${app.wsUrl}/api/v2/socket`, headers)).status).toBe(403)
  })
})

test('an anonymous v2 socket opens for any origin, because only a token sent over it identifies a user', async () => {
  for (const headers of foreign())
    expect((await handshake(`${app.wsUrl}/api/v2/socket`, headers)).status).toBe(101)
})

async function ticket(): Promise<string> {
  const answer = await ask('POST', `${app.url}/api/auth/ticket`, { token: anna.token })
  return expectAnswer(answer, 200, TicketShape).ticket
}

/** As a form can send it, and as a script can. */
function bodies(json: Record<string, string>): [type: string, body: string][] {
  return [
    ['application/x-www-form-urlencoded', new URLSearchParams(json).toString()],
    ['text/plain', JSON.stringify(json)],
    ['application/json', JSON.stringify(json)],
  ]
}

async function accounts(): Promise<number> {
  const sql = postgres(app.databaseUrl, { max: 1 })
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from users`
  await sql.end()
  return row?.count ?? 0
}
