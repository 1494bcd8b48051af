// Whatever is wrong with a request: problem details (RFC 9457), and no more than may be told.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { handshake } from '../../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { breakTables } from '../../../support/broken-tables.ts'
import { until } from '../../../support/until.ts'
import { type Answer, ask } from '../../support/rest.ts'
import { routesOf } from '../../support/routes.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { call, expectProblem } from './support/client.ts'

let app: TestApp
let me: Person
let room: number
beforeAll(async () => {
  app = await startApp()
  me = await person(app)
  room = await makeRoom(app, me)
})
afterAll(() => app.close())

describe('401', () => {
  test('for an invalid token', async () => {
    for (const authorization of [
      `Token ${'f'.repeat(40)}`,
      'Token',
      'Basic YTpi',
      'nonsense',
      'Bearer x y',
    ]) {
      const answer = await call(app, null, 'GET', '/rooms', undefined, { authorization })
      expectProblem(answer, 401, 'unauthenticated')
      expect(answer.headers.get('www-authenticate')).toBe('Token')
    }
  })

  test('for a token in the address, which only sockets may use', async () => {
    for (const name of ['token', 'ticket']) {
      expectProblem(await call(app, null, 'GET', `/me?${name}=${me.token}`), 401, 'unauthenticated')
    }
  })
})

test('403 for a change with the session cookie from a foreign page', async () => {
  const headers = { cookie: `parley_session=${me.token}`, origin: 'https://evil.example' }
  const changes: [string, string, unknown?][] = [
    ['POST', '/rooms', { name: 'theirs', kind: 'public' }],
    ['POST', `/rooms/${room}/messages`, { body: 'theirs' }],
    ['PATCH', '/me', { first_name: 'Evil' }],
    ['DELETE', `/rooms/${room}`],
    ['DELETE', '/me/tokens'],
    ['POST', '/me/tokens'],
    ['POST', '/me/tickets'],
  ]
  for (const [method, path, json] of changes) {
    expectProblem(await call(app, null, method, path, json, headers), 403, 'forbidden')
  }
  expect((await call(app, me, 'GET', `/rooms/${room}`)).status).toBe(200)
})

test('404 for an unknown path, for any caller and method', async () => {
  const paths = [
    '',
    '/',
    '/nope',
    '/rooms/1/nope',
    '/rooms/1/messages/1/1',
    '/me/nope',
    '//rooms',
    '/rooms/%ZZ',
    '/socket/1',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const json = method === 'GET' ? undefined : {}
      for (const who of [me, null]) {
        const answer = await call(app, who, method, path, json)
        expectProblem(answer, 404, 'not_found', { detail: 'Not found.', field: null })
      }
    }
  }
})

describe('405', () => {
  test('for a known path with an unsupported method, with the supported ones listed', async () => {
    const cases: [string, string, string][] = [
      ['PUT', '/rooms', 'GET, POST'],
      ['DELETE', '/users', 'GET, POST'],
      ['GET', '/tokens', 'POST'],
      ['POST', `/rooms/${room}`, 'DELETE, GET, PATCH'],
      ['POST', `/rooms/${room}/`, 'DELETE, GET, PATCH'],
      ['GET', '/me/password', 'PUT'],
      ['PUT', `/rooms/${room}/members/7`, 'DELETE, GET, PATCH'],
      ['POST', `/rooms/${room}/members/me`, 'DELETE, GET, PATCH, PUT'],
      ['PUT', `/rooms/${room}/messages/1`, 'DELETE, GET, PATCH'],
      ['PROPFIND', '/unread', 'GET'],
      ['OPTIONS', '/directs', 'POST'],
      ['POST', '/socket', 'GET'],
    ]
    for (const [method, path, allow] of cases) {
      for (const who of [me, null]) {
        const answer = await call(app, who, method, path)
        expectProblem(answer, 405, 'method_not_allowed')
        expect([method, path, answer.headers.get('allow')]).toEqual([method, path, allow])
      }
    }
  })

  test('HEAD responds like GET, without a body, and only if there is a GET', async () => {
    for (const [path, status] of [
      ['/rooms', 200],
      [`/rooms/${room}`, 200],
      ['/rooms/987654321', 404],
      ['/rooms?limit=x', 400],
      ['/tokens', 405],
      ['/nope', 404],
    ] as const) {
      const answer = await call(app, me, 'HEAD', path)
      expect([path, answer.status, answer.text]).toEqual([path, status, ''])
      const type = answer.headers.get('content-type') ?? ''
      expect(type).toStartWith(status === 200 ? 'application/json' : 'application/problem+json')
    }
  })
})

describe('an unacceptable body', () => {
  const post = (body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
    ask('POST', `${app.url}/api/v2/rooms`, { token: me.token, body, headers })

  test('gets 400 if it is not JSON', async () => {
    for (const body of ['{', 'x', '{"a":1}}', '\u0000', '']) {
      expectProblem(await post(body), 400, 'invalid')
    }
  })

  test('gets 413 if it is too large, with a Content-Length or in chunks', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(65_536), kind: 'public' })
    expectProblem(await post(text), 413, 'too_large')
    expectProblem(await post(new Blob([text]).stream()), 413, 'too_large')
  })

  test('gets 415 for another content type', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
      expectProblem(await post('{}', { 'content-type': type }), 415, 'unsupported_media')
    }
  })
})

test('429 past the rate of an address, before anything else', async () => {
  const limited = await startApp({ RATE_REQUESTS_PER_MINUTE: '1' })
  await call(limited, null, 'GET', '/rooms')
  for (const path of ['/rooms', '/nope']) {
    const answer = await call(limited, null, 'GET', path)
    const { retry_after_ms } = expectProblem(answer, 429, 'rate_limited')
    expect(retry_after_ms).toBeGreaterThan(0)
    expect(Number(answer.headers.get('retry-after'))).toBe(Math.ceil(retry_after_ms / 1000))
  }
  await limited.close()
})

describe('faults', () => {
  test('500 reveals no internals', async () => {
    const broken = await startApp()
    const who = await person(broken)
    const sql = postgres(broken.databaseUrl, { max: 1, onnotice: () => undefined })
    await breakTables(sql, ['rooms', 'members', 'invitations'])
    const answer = await call(broken, who, 'GET', '/rooms')
    expectProblem(answer, 500, 'internal', { detail: 'Internal server error', field: null })
    expect(answer.text).not.toMatch(/relation|select|rooms"/i)
    await sql.end()
    await broken.close()
  })

  test('503 while the database is unavailable', async () => {
    const slow = await startApp({ DATABASE_STATEMENT_TIMEOUT_MS: '1000' })
    const who = await person(slow)
    const sql = postgres(slow.databaseUrl, { max: 1, onnotice: () => undefined })
    const answer = await sql.begin(async (tx) => {
      await tx`lock table rooms in access exclusive mode`
      return call(slow, who, 'GET', '/rooms')
    })
    expectProblem(answer, 503, 'unavailable')
    expect(answer.headers.get('retry-after')).toBe('1')
    await sql.end()
    await slow.close()
  })

  test('503 if a send waits too long', async () => {
    const slow = await startApp({ SEND_DEADLINE_MS: '100' })
    const who = await person(slow)
    const id = await makeRoom(slow, who)
    const sql = postgres(slow.databaseUrl, { max: 1, onnotice: () => undefined })
    const path = `/rooms/${id}/messages`
    const headers = { 'Idempotency-Key': 'again' }
    const answer = await sql.begin(async (tx) => {
      await tx`select * from rooms where id = ${id} for update`
      return call(slow, who, 'POST', path, { body: 'late' }, headers)
    })
    expectProblem(answer, 503, 'unavailable')
    // Whether it was written or not: the same key leads to one message.
    await until(async () => {
      const { status } = await call(slow, who, 'POST', path, { body: 'late' }, headers)
      return status === 201
    }, 'the retry to be in time')
    const { json } = await call(slow, who, 'GET', path)
    expect(json).toMatchObject({ items: [{ body: 'late' }] })
    await sql.end()
    await slow.close()
  })
})

test('the socket’s handshake is refused in the same shape', async () => {
  const answers: [Answer, number][] = [
    [await ask('GET', `${app.url}/api/v2/socket`), 400],
    [await handshake(`${app.wsUrl}/api/v2/socket?token=${'f'.repeat(40)}`), 401],
    [await handshake(`${app.wsUrl}/api/v2/socket?ticket=x`), 401],
  ]
  for (const [answer, status] of answers) {
    expectProblem(answer, status, status === 401 ? 'unauthenticated' : 'invalid')
  }
})

test('every documented error status has the schema of a problem', async () => {
  const routes = (await routesOf(app)).filter(({ path }) => path.startsWith('/api/v2/'))
  expect(routes.length).toBeGreaterThan(30)
  for (const { method, path, statuses } of routes) {
    for (const status of [429, 500, 503])
      expect([method, path, statuses.includes(status)]).toEqual([method, path, true])
  }
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})
