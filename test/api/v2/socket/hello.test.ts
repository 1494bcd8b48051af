import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Identified } from '../../../../src/api/v2/wire/index.ts'
import { handshake } from '../../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { ask } from '../../support/rest.ts'
import { makeRoom, type Person, pair, person } from '../support/people.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, type Unnumbered, V2Client } from '../support/v2-client.ts'

const DAY_MS = 86_400_000
const clock = new SkipClock()
let app: TestApp
let alice: Person

beforeAll(async () => {
  app = await startApp({ MAX_SUBSCRIPTIONS: '123' }, { clock })
  alice = await person(app)
})
afterAll(() => app.close())

const url = () => `${app.wsUrl}/api/v2/socket`

describe('the first frame gives the limits, and the user identified by', () => {
  const ways: [string, () => Promise<V2Client>][] = [
    ['Authorization: Bearer', async () => new V2Client(url(), { authorization: `Bearer ${alice.token}` })],
    ['Authorization: Token', async () => new V2Client(url(), { authorization: `Token ${alice.token}` })],
    ['?token=', async () => new V2Client(`${url()}?token=${alice.token}`)],
    ['?ticket=', async () => new V2Client(`${url()}?ticket=${await ticket(alice)}`)],
    ['the session cookie', async () => new V2Client(url(), cookie(app.url))],
  ]

  test.each(ways)('%s', async (_, open) => {
    const client = await open()
    const hello = await client.heard('hello')
    expect(hello).toEqual({
      type: 'hello',
      protocol: 2,
      identified: {
        user: { id: alice.id, username: alice.username },
        expires_in_ms: expect.any(Number),
      },
      heartbeat_ms: 20_000,
      auth_within_ms: 10_000,
      max_frame_bytes: 65_536,
      max_message_length: 4000,
      max_subscriptions: 123,
      batch: true,
      max_batch: 128,
      epoch: expect.stringMatching(/^1-[0-9a-f]{8}\.[0-9a-f]{16}\.\d+$/),
    })
    const left = hello.identified?.expires_in_ms ?? 0
    expect(left).toBeGreaterThan(89 * DAY_MS)
    expect(left).toBeLessThanOrEqual(90 * DAY_MS)
    expect(client.frames[0]).toBe(hello)
    await client.close()
  })

  test('nothing: no user', async () => {
    const client = await connect(app, null)
    expect(await client.heard('hello')).toMatchObject({ identified: null, auth_within_ms: 10_000 })
    await client.close()
  })

  test('the first frame alone if requested, ignoring the cookie', async () => {
    const bob = await person(app)
    const client = new V2Client(`${url()}?identify=later`, cookie(app.url))
    expect(await client.heard('hello')).toMatchObject({ identified: null })
    const identified = await client.result({ type: 'auth', token: bob.token }, Identified)
    expect(identified.user.id).toBe(bob.id)
    await client.close()
  })
})

describe('a handshake is refused, with problem details, that uses', () => {
  const wrong = 'f'.repeat(40)
  test.each<[string, number, string, () => Record<string, string>, string]>([
    ['an unknown token', 401, 'unauthenticated', () => ({ Authorization: `Bearer ${wrong}` }), ''],
    ['a malformed header', 401, 'unauthenticated', () => ({ Authorization: alice.token }), ''],
    ['an unknown token in the query', 401, 'unauthenticated', () => ({}), `?token=${wrong}`],
    ['an unknown ticket', 401, 'unauthenticated', () => ({}), `?ticket=${wrong}`],
    ['a cookie from a foreign page', 403, 'forbidden', () => rawCookie('https://evil.example'), ''],
    ['a cookie with the origin null', 403, 'forbidden', () => rawCookie('null'), ''],
  ])('%s', async (_, status, code, headers, query) => {
    const answer = await handshake(url() + query, headers())
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.json).toMatchObject({ status, code, type: `urn:parley:problem:${code}` })
  })

  test('a ticket for the second time', async () => {
    const once = `${url()}?ticket=${await ticket(alice)}`
    const client = new V2Client(once)
    await client.heard('hello')
    expect((await handshake(once)).status).toBe(401)
    await client.close()
  })

  test('a connection past MAX_CONNECTIONS', async () => {
    const limited = await startApp({ DATABASE_URL: app.databaseUrl, MAX_CONNECTIONS: '1' })
    const client = await connect(limited, alice)
    const answer = await handshake(`${limited.wsUrl}/api/v2/socket`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
    expect(answer.json).toMatchObject({ code: 'overloaded', retryable: true, retry_after_ms: 5000 })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    await client.close()
    await limited.close()
  })

  test('a request that is not a handshake gets the same response', async () => {
    const answer = await ask('GET', `${app.url}/api/v2/socket`, { token: alice.token })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
  })
})

describe('a client that has not identified itself', () => {
  test('is refused everything except identification', async () => {
    const room = await makeRoom(app, alice)
    const client = await connect(app, null)
    const requests: Unnumbered[] = [
      { type: 'subscribe', room },
      { type: 'unsubscribe', room },
      { type: 'send', room, body: 'hello' },
      { type: 'edit', room, seq: 1, body: 'hello' },
      { type: 'delete', room, seq: 1 },
      { type: 'read', room, seq: 1 },
      { type: 'delivered', room, seq: 1 },
      { type: 'typing', room, typing: true },
      { type: 'ping' },
    ]
    for (const request of requests) {
      expect(await client.refused(request)).toMatchObject({ code: 'unauthenticated', retryable: false })
    }
    await client.close()
  })

  test('identifies itself in a frame, and continues', async () => {
    const room = await makeRoom(app, alice)
    const client = await connect(app, null)
    const identified = await client.result({ type: 'auth', token: alice.token }, Identified)
    expect(identified.user).toEqual({ id: alice.id, username: alice.username })
    expect(identified.expires_in_ms).toBeGreaterThan(89 * DAY_MS)
    expect(await client.ask({ type: 'send', room, body: 'hello' })).toMatchObject({ type: 'result' })
    clock.skip(10_001)
    await client.settled()
    await client.close()
  })

  test('gets a response to each request sent behind it, which shows whether that came too early', async () => {
    const client = await connect(app, null)
    client.askAs({ type: 'auth', id: 'who', token: (await person(app)).token })
    client.askAs({ type: 'ping', id: 'early' })
    await client.heard('result', ({ id }) => id === 'who')
    await client.heard(['result', 'error'], ({ id }) => id === 'early')
    expect(client.all('error').map(({ id, code }) => [id, code])).toEqual(
      client.all('error').map(() => ['early', 'unauthenticated']),
    )
    await client.close()
  })

  test.each(['f'.repeat(40), 'no token', ''])(
    'is told that %p is invalid, and closed with 4500',
    async (token) => {
      const client = await connect(app, null)
      expect(await client.refused({ type: 'auth', token })).toMatchObject({
        code: 'unauthenticated',
        retryable: false,
        retry_after_ms: 0,
      })
      expect(await client.closed).toMatchObject({ code: 4500 })
      expect(client.problems).toEqual([])
    },
  )

  test('is closed with 4000 after ten seconds', async () => {
    const client = await connect(app, null)
    const named = await connect(app, alice)
    clock.skip(9000)
    expect(await client.refused({ type: 'ping' })).toMatchObject({ code: 'unauthenticated' })
    clock.skip(1000)
    expect(await client.closed).toMatchObject({ code: 4000 })
    await named.settled()
    await named.close()
  })

  test('becomes one user, even if it sends several tokens at once', async () => {
    for (let round = 0; round < 10; round++) {
      // Nobody knows their tokens yet, so that each has to be looked up.
      const [one, other] = await pair(app)
      const client = await connect(app, null)
      client.askAs({ type: 'auth', id: 'one', token: one.token })
      client.askAs({ type: 'auth', id: 'other', token: other.token })
      await client.until(() => client.unanswered === 0, 'both answers')
      const results = client.all('result')
      expect(results).toHaveLength(1)
      expect(client.all('error')).toMatchObject([{ code: 'forbidden' }])
      await client.close()
    }
  })

  test('sends as its user once identified', async () => {
    const someone = await person(app)
    const client = await connect(app, null)
    await client.result({ type: 'auth', token: someone.token }, Identified)
    // What concerns a user comes to each of their connections.
    const room = await makeRoom(app, someone)
    await client.heard('membership', (frame) => frame.room === room)
    await client.close()
  })
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

async function ticket({ token }: Person): Promise<string> {
  const { json } = await ask('POST', `${app.url}/api/v2/me/tickets`, { token })
  return String(Object(json).ticket)
}

function cookie(origin: string): Record<string, string> {
  return { cookie: `parley_session=${alice.token}`, origin }
}

function rawCookie(origin: string): Record<string, string> {
  return { Cookie: `parley_session=${alice.token}`, Origin: origin }
}
