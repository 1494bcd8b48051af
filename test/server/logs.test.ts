import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { register, SessionShape, TicketShape } from '../api/support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../api/support/rest.ts'
import { openSocket } from '../api/support/socket.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../api/support/v1-client.ts'
import { DetailShape, ErrorFrame, HistoryFrame, TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { BROKEN, breakTables } from '../support/broken-tables.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { handshake } from './support/raw-http.ts'

/** Looks like a frame of a stack and like a database's parameters, so that no rule of thumb lets it through. */
const BODY = 'canary-body-7f3a\n    at canaryBody (/canary/body.ts:1:1)\nparams: canary@body.example'
const PASSWORD = 'canary-password-1b9c\n    at canaryPassword (/canary/password.ts:1:1) @x'
const FALSE_TOKEN = 'ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7'
/** Of what a room's name may hold, whatever else it looks like. */
const ROOM_NAME = 'at canaryRoom (/canary/room.ts:1:1) params: canary@room.example'
const USERNAME = 'canary-name@example.com'

let app: TestApp
let sql: Sql
let v1: V1Client
let room: V1Room
let user: V1User
/** Everything that must not be found, as it may be spelled. */
const canaries = ['canary', 'Canary', encodeURIComponent(PASSWORD), btoa(PASSWORD), FALSE_TOKEN]

beforeAll(async () => {
  app = await startApp({ LOG_LEVEL: 'trace' })
  sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
  v1 = v1Client(app)
  user = await v1.user()
  room = await v1.room()
  canaries.push(user.token)
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

test('requests are logged, with their path and without their query', async () => {
  await ask('GET', `${app.url}/api/v1/rooms?limit=7&token=${user.token}`)
  const line = app.logs().find((text) => text.includes('"/api/v1/rooms"') && text.includes('"GET"'))
  expect(JSON.parse(line ?? 'null')).toMatchObject({
    level: 20,
    method: 'GET',
    status: 200,
    path: '/api/v1/rooms',
  })
  expect(app.logs().join('')).not.toContain('limit=7')
})

describe('no line of any level contains messages or secrets after', () => {
  test('successful and failed sign-ins', async () => {
    const credentials = { username: USERNAME, password: PASSWORD }
    const made = await ask('POST', `${app.url}/api/auth/register`, { json: credentials })
    canaries.push(expectAnswer(made, 201, SessionShape).token)
    const answer = await ask('POST', `${app.url}/api/auth/login`, { json: credentials })
    const { token } = expectAnswer(answer, 200, SessionShape)
    canaries.push(token)
    await ask('POST', `${app.url}/api-token-auth/`, {
      body: new URLSearchParams({ ...credentials, password: `${PASSWORD}x` }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const headers = { cookie: `parley_session=${token}` }
    const ticket = await ask('POST', `${app.url}/api/auth/ticket`, { headers })
    canaries.push(expectAnswer(ticket, 200, TicketShape).ticket)
    await ask('POST', `${app.url}/api/auth/logout`, { headers })
    await ask('POST', `${app.url}/api/auth/register`, { body: `{"password":"${PASSWORD}"` })
    await ask('POST', `${app.url}/api/auth/register`, { json: { username: 7, password: PASSWORD } })
    await ask('POST', `${app.url}/api/auth/login?token=${FALSE_TOKEN}`, { token: FALSE_TOKEN })
    expectNothing()
  })

  test('valid and invalid messages and sockets', async () => {
    await v1.say(room, user, BODY)
    const socket = v1.open(room, user, `?token=${user.token}`)
    await socket.next(HistoryFrame)
    socket.send({ type: 'text', content: BODY, user_id: user.id })
    await socket.next(TextFrame)
    for (const frame of [BODY, { type: BODY }, { type: 'text', content: `${BODY}\0`, user_id: user.id }]) {
      socket.send(frame)
      await socket.next(ErrorFrame)
    }
    await socket.close()
    await handshake(`${app.wsUrl}/api/v1/ws/${room.id}/${user.id}?token=${FALSE_TOKEN}`)
    await handshake(`${app.wsUrl}/api/v1/ws/${room.id}/${user.id}?ticket=${FALSE_TOKEN}`)
    await handshake(`${app.wsUrl}/api/v1/ws/999/${user.id}?token=${user.token}`)
    await v1.call('GET', `/nope?token=${user.token}`)
    await v1.call('POST', '/rooms', { body: BODY })
    expectNothing()
  })

  test('database faults on every write, which are logged and returned without detail', async () => {
    const { socket } = await v1.join(room, user)
    const before = faults().length
    const answers = await withBrokenDatabase(async () => {
      socket.send({ type: 'text', content: BODY, user_id: user.id })
      await socket.next(ErrorFrame)
      const json = { content: BODY, user_id: user.id }
      return [
        await v1.call('POST', `/rooms/${room.id}/messages`, { json }),
        await v1.call('GET', `/rooms/${room.id}/messages`),
        await v1.call('POST', '/rooms', { json: { name: ROOM_NAME } }),
        await v1.call('POST', '/users', { json: { username: USERNAME } }),
        await v1.call('GET', '/users'),
        await ask('POST', `${app.url}/api/auth/register`, {
          json: { username: USERNAME, password: PASSWORD },
        }),
        await ask('POST', `${app.url}/api/auth/login`, { json: { username: USERNAME, password: PASSWORD } }),
        await ask('POST', `${app.url}/api/auth/ticket`, { token: FALSE_TOKEN }),
        await ask('POST', `${app.url}/api/auth/logout`, { token: user.token }),
      ]
    })
    for (const answer of answers) expectFault(answer)
    const logged = faults().slice(before)
    // One line a fault, and it says what and where. What runs beside the requests may fail as well.
    const ofRequests = logged.filter((line) => /"msg":"a (request|send) failed"/.test(line))
    expect(ofRequests).toHaveLength(answers.length + 1)
    for (const line of logged) {
      expect(line).toContain(`"code":"${BROKEN}"`)
      expect(line).toContain('/src/')
    }
    expectNothing()
    // It was the database, not the server.
    await v1.say(room, user, 'whole again')
    await socket.nextWhere(TextFrame, (frame) => frame.content === 'whole again')
    await socket.close()
  })

  test('a socket that cannot be brought up to date, which is closed so that it reconnects', async () => {
    const { code } = await withBrokenDatabase(async () => {
      const socket = openSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${user.id}?token=${user.token}`)
      await socket.opened
      return socket.closed
    }, ['messages'])
    expect(code).toBe(1013)
    expect(app.logs().some((line) => line.includes('could not catch up with its room'))).toBe(true)
    expectNothing()
  })
})

test('an unavailable database, which gives a retryable error', async () => {
  const direct = new URL(app.databaseUrl)
  const proxy = await startTcpProxy({ port: Number(direct.port) })
  direct.port = `${proxy.port}`
  const own = await startApp({ LOG_LEVEL: 'trace', DATABASE_URL: direct.href })
  const client = v1Client(own)
  const [here, someone] = [await client.room(), await client.user()]
  const account = await register(own)
  await proxy.welcome('refuse')
  proxy.cut()
  const json = { content: BODY, user_id: someone.id }
  const message = await client.call('POST', `/rooms/${here.id}/messages`, { json, token: someone.token })
  expect(message.status).toBe(500)
  const login = await ask('POST', `${own.url}/api/auth/login`, {
    json: { username: account.username, password: PASSWORD },
  })
  expectAnswer(login, 503, DetailShape)
  expect(Number(login.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  const ready = await ask('GET', `${own.url}/readyz`)
  expect([ready.status, ready.json]).toMatchObject([503, { reason: 'database' }])
  expect((await ask('GET', `${own.url}/healthz`)).status).toBe(200)
  expectNothing(own)
  for (const token of [someone.token, account.token]) expect(own.logs().join('')).not.toContain(token)
  await proxy.welcome('pass')
  await until(
    async () => (await ask('GET', `${own.url}/readyz`)).status === 200,
    'the server to be ready again',
  )
  await own.close()
  await proxy.close()
})

function faults(): string[] {
  return app.logs().filter((line) => /"level":(50|60)/.test(line))
}

/** Statements on the tables fail for a while. */
async function withBrokenDatabase<T>(
  run: () => Promise<T>,
  tables = ['users', 'rooms', 'messages', 'tokens', 'members'],
): Promise<T> {
  const mend = await breakTables(sql, tables)
  try {
    return await run()
  } finally {
    await mend()
  }
}

function expectFault(answer: Answer): void {
  expect([answer.status, answer.text]).toEqual([500, '{"detail":"Internal server error"}'])
}

function expectNothing({ logs }: TestApp = app): void {
  expect(logs().length).toBeGreaterThan(0)
  const found = logs().flatMap((line) => canaries.filter((canary) => line.includes(canary)).map(() => line))
  expect(found).toEqual([])
}
