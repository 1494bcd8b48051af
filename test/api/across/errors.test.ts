// The shape of errors: each contract answers every status in its own, whatever went wrong and wherever.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { handshake, rawRequest } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { breakTables } from '../../support/broken-tables.ts'
import { type Person, people, person, said } from '../support/contracts/people.ts'
import { type Answer, type Ask, ask } from '../support/rest.ts'
import { routesOf } from '../support/routes.ts'

let app: TestApp
let anna: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
})
afterAll(() => app.close())

interface Subject {
  readonly name: string
  /** A request that reads rooms; a socket's is a handshake. */
  readonly reading: string
  /** A path that takes a body; null where the contract has none. */
  readonly writing: string | null
  /** Paths under its prefix where nothing is. */
  readonly unknown: readonly string[]
  /** The key of an error's text. */
  readonly key: (status: number) => string
  /** v1's statuses are a closed list. */
  readonly status?: Readonly<Record<number, number>>
}

const always = (key: string) => () => key
const subjects: Subject[] = [
  {
    name: 'chat service',
    reading: '/chat/rooms/',
    writing: '/chat/create-room/',
    unknown: ['/chat', '/chat/', '/chat/nope/', '/chat/rooms/1/nope/', '/chat/create-room/x'],
    key: always('error'),
  },
  {
    name: 'live chat',
    reading: '/chat/history/',
    writing: '/chat/send/',
    unknown: ['/chat/send/nope/', '/chat/history/1/', '/chat/sendx'],
    key: always('error'),
  },
  {
    name: 'direct chats',
    reading: '/api/chats/',
    writing: '/api/chats/create/',
    unknown: ['/api/users/1/', '/api/chats/1/', '/api/chats/create/1', '/api/chats/%F0%9F%98%80'],
    key: (status) => (status === 400 ? 'error' : 'detail'),
  },
  {
    name: 'groups',
    reading: '/api/chat/groups/',
    writing: null,
    unknown: [
      '/api/chat',
      '/api/chat/',
      '/api/chat/groups/lobby/',
      '/api/chat/groups/lobby/nope/',
      '/api/chat/x',
    ],
    key: always('detail'),
  },
  {
    name: 'room socket',
    reading: '/ws/chat/lobby/',
    writing: null,
    unknown: ['/ws', '/ws/', '/ws/chat', '/ws/chat/', '/ws/chat/lobby/x/', '/ws/other/lobby/'],
    key: always('error'),
  },
  {
    name: 'v1',
    reading: '/api/v1/rooms',
    writing: '/api/v1/rooms',
    unknown: ['/api/v1', '/api/v1/', '/api/v1/nope', '/api/v1/rooms/1/nope', '/api/v1/ws/1'],
    key: always('detail'),
    status: { 405: 404, 413: 400, 415: 400, 503: 500 },
  },
]

describe.each(subjects)('$name:', (subject) => {
  const { reading, writing, unknown } = subject

  test('answers 401 without a valid credential', async () => {
    for (const authorization of [`Token ${'f'.repeat(40)}`, 'Token', 'Basic YTpi', 'nonsense']) {
      const answer = await read(app, subject, { authorization })
      expectError(subject, 401, answer, /^Invalid token/)
      expect(answer.headers.get('www-authenticate')).toBe('Token')
    }
  })

  test('answers 404 for an unknown path under its prefix, for any caller and method', async () => {
    for (const path of unknown) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
        expectError(
          subject,
          404,
          await anna.call(method, path, method === 'GET' ? undefined : {}),
          'Not found.',
        )
      }
      expectError(subject, 404, await ask('GET', app.url + path), 'Not found.')
    }
  })

  test('answers 405 for a known path with another method', async () => {
    const text = subject.status?.[405] === 404 ? 'Not found.' : 'Method not allowed.'
    for (const method of ['PUT', 'PATCH', 'PROPFIND']) {
      expectError(subject, 405, await anna.call(method, reading, {}), text)
    }
    if (writing !== null) expectError(subject, 405, await anna.call('DELETE', writing), text)
    const trace = await rawRequest(app.url, `TRACE ${reading} HTTP/1.1\r\nHost: parley.test\r\n\r\n`)
    expectError(subject, 405, trace, text)
    expect(trace.headers.get('allow')).toEqual(trace.status === 405 ? expect.stringContaining('GET') : null)
  })
})

describe.each(subjects.filter((subject) => subject.writing !== null))('$name:', (subject) => {
  const write = (options: Ask) =>
    ask('POST', `${app.url}${subject.writing}`, { token: anna.token, ...options })

  test('answers 400 for a body that is not JSON', async () => {
    for (const body of ['{', 'x', '{"a":1}}', '\u0000']) {
      expectError(subject, 400, await write({ body }), 'The body is not valid JSON')
    }
  })

  test('answers 413 for a body that is too large', async () => {
    const answer = await write({ json: { name: 'x'.repeat(65_536) } })
    expectError(subject, 413, answer, 'The body must have at most 65536 bytes')
  })

  test('answers 415 for a body of another type', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
      const answer = await write({ body: '{}', headers: { 'content-type': type } })
      expectError(subject, 415, answer, 'Unsupported media type in request.')
    }
  })
})

test('429 with Retry-After past the rate of an address, in the shape of each contract', async () => {
  const limited = await startApp({ RATE_REQUESTS_PER_MINUTE: '1', TRUSTED_PROXIES: '127.0.0.1' })
  const who = await person(limited)
  for (const [i, subject] of subjects.entries()) {
    const headers = { authorization: `Token ${who.token}`, 'x-forwarded-for': `198.51.100.${i}` }
    expect((await read(limited, subject, headers)).status).toBeLessThan(300)
    const refused = await read(limited, subject, headers)
    expectError(subject, 429, refused, /^Too many requests/)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
  }
  await limited.close()
})

describe('faults', () => {
  test('500 reveals no internals, in the shape of each contract', async () => {
    const broken = await startApp()
    const who = await person(broken)
    const sql = postgres(broken.databaseUrl, { max: 1, onnotice: () => undefined })
    await breakTables(sql, ['rooms', 'members', 'invitations'])
    for (const subject of subjects) {
      const answer = await read(broken, subject, { authorization: `Token ${who.token}` })
      expectError(subject, 500, answer, 'Internal server error')
    }
    await sql.end()
    await broken.close()
  })

  test('503 with Retry-After while the database is unavailable', async () => {
    const slow = await startApp({ DATABASE_STATEMENT_TIMEOUT_MS: '1000' })
    // One each: who is known by their token is asked of the database, too.
    const callers = await people(slow, subjects.length)
    const sql = postgres(slow.databaseUrl, { max: 1, onnotice: () => undefined })
    const answers = await sql.begin(async (tx) => {
      await tx`lock table rooms in access exclusive mode`
      return Promise.all(
        subjects.map(async (subject, i) => ({
          subject,
          answer: await read(slow, subject, { authorization: `Token ${callers[i]?.token}` }),
        })),
      )
    })
    for (const { subject, answer } of answers) {
      expectError(subject, 503, answer, 'The database is not available, try again')
      expect(answer.headers.get('retry-after')).toBe('1')
    }
    await sql.end()
    await slow.close()
  })
})

test('every route exists with and without a trailing slash', async () => {
  for (const { method, path } of await routesOf(app)) {
    const bare = path.replaceAll(/\{[^}]+\}/g, '1').replace(/\/$/, '')
    const json = method === 'GET' ? {} : { json: {} }
    const seen: unknown[] = []
    for (const url of [`${app.url}${bare}`, `${app.url}${bare}/`]) {
      // Nobody asks, so nothing is done: what counts is that the same route answers.
      const { status, text } = await ask(method, url, json)
      seen.push([method, bare, status, text])
    }
    expect(seen[0]).toEqual(seen[1])
    expect(JSON.stringify(seen)).not.toContain('Not found.')
  }
})

test('an error for a path that belongs to no contract reveals nothing either', async () => {
  for (const path of [
    '/nope',
    '/web',
    '/web/nope',
    '/api',
    '/api/',
    '/api/nope',
    '/chatx/',
    '/api/chatsx',
    '/favicon.ico',
  ]) {
    expect(said(await ask('GET', app.url + path))).toEqual({ status: 404, body: { detail: 'Not found.' } })
  }
})

/** The contract's reading request, for a socket as a handshake. */
function read(where: TestApp, { reading }: Subject, headers: Record<string, string>): Promise<Answer> {
  return reading.startsWith('/ws/')
    ? handshake(where.wsUrl + reading, headers)
    : ask('GET', where.url + reading, { headers })
}

function expectError(subject: Subject, usual: number, answer: Answer, text: string | RegExp): void {
  const status = subject.status?.[usual] ?? usual
  const message = typeof text === 'string' ? text : expect.stringMatching(text)
  expect(said(answer)).toEqual({ status, body: { [subject.key(status)]: message } })
}
