import { afterAll, beforeAll, describe, expect, setSystemTime, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { handshake } from '../../server/support/raw-http.ts'
import { CLOSE, openRawWebSocket } from '../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { type Account, login, PASSWORD, register, TicketShape } from '../support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import type { Closed, TestSocket } from '../support/socket.ts'
import { type V1Client, type V1Room, v1Client } from '../support/v1-client.ts'
import { DetailShape, HistoryFrame, SystemFrame } from '../support/v1-shapes.ts'

let app: TestApp
let sql: Sql
let v1: V1Client
let room: V1Room
let account: Account

beforeAll(async () => {
  app = await startApp({ TOKEN_TTL_DAYS: '1' })
  sql = postgres(app.databaseUrl, { max: 1 })
  v1 = v1Client(app)
  room = await v1.room()
  account = await register(app)
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

describe('logging out', () => {
  test('answers 204, deletes the cookie, and ends the token at once', async () => {
    const { token } = await login(app, account.username)
    expect(await lives(token)).toBe(true)
    const answer = await logout({ authorization: `Token ${token}` })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers.get('set-cookie')).toMatch(/^parley_session=; .*Max-Age=0/)
    expect(await lives(token)).toBe(false)
    expect(await opens(`?token=${token}`)).toBe(401)
    expect(await opens('', { cookie: `parley_session=${token}` })).toBe(401)
    expectAnswer(await logout({ authorization: `Token ${token}` }), 401, DetailShape)
  })

  test('works with the cookie as well, and needs a signed-in caller', async () => {
    const { cookie, token } = await login(app, account.username)
    expect((await logout({ cookie })).status).toBe(204)
    expect(await lives(token)).toBe(false)
    expectAnswer(await logout({}), 401, DetailShape)
  })

  test('ends only that token', async () => {
    const [one, two] = [await login(app, account.username), await login(app, account.username)]
    await logout({ authorization: `Token ${one.token}` })
    expect(await lives(two.token)).toBe(true)
    expect(await lives(account.token)).toBe(true)
  })

  test('closes every socket of the token at once, in whatever way it was sent, and no other socket', async () => {
    const { token, cookie } = await login(app, account.username)
    const own = [
      await opened(`?token=${token}`),
      await opened('', { authorization: `Bearer ${token}` }),
      await opened('', { cookie }),
    ]
    const other = await opened(`?token=${account.token}`)
    await logout({ authorization: `Token ${token}` })
    for (const socket of own) expect((await closedSoon(socket)).code).toBe(1008)
    const watcher = (await v1.join(room, await v1.user())).socket
    await watcher.close()
    await other.nextWhere(SystemFrame, (frame) => frame.content.includes('left'))
    await other.close()
  })

  test('closes the sockets that were opened with tickets of that token', async () => {
    const { token } = await login(app, account.username)
    const socket = await opened(`?ticket=${await ticketOf(token)}`)
    await logout({ authorization: `Token ${token}` })
    expect((await closedSoon(socket)).code).toBe(1008)
  })

  test('invalidates unused tickets of that token', async () => {
    const { token } = await login(app, account.username)
    const ticket = await ticketOf(token)
    await logout({ authorization: `Token ${token}` })
    expect(await opens(`?ticket=${ticket}`)).toBe(401)
  })

  test('does not wait for a client that does not answer', async () => {
    const here = await v1.room()
    const watcher = (await v1.join(here, await v1.user())).socket
    const { token } = await login(app, account.username)
    const deaf = await openRawWebSocket(`${app.wsUrl}/api/v1/ws/${here.id}/${account.id}?token=${token}`)
    await watcher.nextWhere(SystemFrame, (frame) => frame.content.includes(`${account.username} joined`))
    await logout({ authorization: `Token ${token}` })
    await watcher.nextWhere(SystemFrame, (frame) => frame.content.includes(`${account.username} left`))
    await until(() => deaf.frames().some((frame) => frame.opcode === CLOSE), 'the close frame')
    await deaf.closed()
    await watcher.close()
  })

  test('works for a user of v1', async () => {
    const user = await v1.user()
    const socket = v1.open(room, user, `?token=${user.token}`)
    await socket.next(HistoryFrame)
    expect((await logout({ authorization: `Token ${user.token}` })).status).toBe(204)
    expect((await socket.closed).code).toBe(1008)
  })
})

describe('expiry', () => {
  test('a token expires TOKEN_TTL_DAYS after the sign-in', async () => {
    const { token } = await login(app, account.username)
    await age(token, 86_400 - 60)
    expect(await lives(token)).toBe(true)
    const older = await login(app, account.username)
    await age(older.token, 86_400 + 1)
    expect(await lives(older.token)).toBe(false)
    expect(await opens(`?token=${older.token}`)).toBe(401)
  })

  test('a ticket expires after 30 seconds', async () => {
    const [young, old] = [await ticketOf(account.token), await ticketOf(account.token)]
    await age(young, 15)
    expect(await opens(`?ticket=${young}`)).toBe(101)
    await age(old, 31)
    expect(await opens(`?ticket=${old}`)).toBe(401)
  })

  test('follows the database’s clock: a node whose clock is off by hours makes no difference', async () => {
    for (const offset of [-2 * 86_400_000, 2 * 86_400_000]) {
      setSystemTime(Date.now() + offset)
      const { token } = await login(app, account.username)
      const ticket = await ticketOf(token)
      setSystemTime()
      expect([await lives(token), await opens(`?ticket=${ticket}`)]).toEqual([true, 101])
      const [row] = await sql<{ left: number }[]>`
        select extract(epoch from expires_at - now())::int as left from tokens where hash = ${hashOf(token)}`
      expect(Math.abs((row?.left ?? 0) - 86_400)).toBeLessThan(600)
    }
  })
})

describe('the database', () => {
  test('holds only SHA-256 hashes of tokens and tickets, and argon2id hashes of passwords', async () => {
    const { token } = await login(app, account.username)
    const ticket = await ticketOf(token)
    const rows = await sql<{ row: string }[]>`
      select t::text as row from tokens t union all select u::text from users u`
    const everything = rows.map(({ row }) => row).join('\n')
    for (const secret of [token, ticket, account.token]) {
      expect(everything).not.toContain(secret)
      expect(everything).toContain(new Bun.CryptoHasher('sha256').update(secret).digest('hex'))
    }
    expect(everything).not.toContain(PASSWORD)
    expect(everything).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
  })

  test('tokens are 160 bits that look random', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, async () => (await v1.user()).token))
    expect(new Set(tokens).size).toBe(50)
    const ones = tokens
      .join('')
      .replace(/./g, (digit) => Number.parseInt(digit, 16).toString(2))
      .replaceAll('0', '')
    // 8,000 bits: eight standard deviations to either side.
    expect(Math.abs(ones.length - 4000)).toBeLessThan(360)
  })
})

/** Well before anything else, such as the pong deadline, would close it. */
function closedSoon(socket: TestSocket): Promise<Closed> {
  let closed: Closed | null = null
  void socket.closed.then((how) => {
    closed = how
  })
  return until(() => closed, 'the socket to be closed', 4000)
}

async function opened(query: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = v1.open(room, { ...account, created_at: '' }, query, headers)
  await socket.next(HistoryFrame)
  return socket
}

async function opens(query: string, headers: Record<string, string> = {}): Promise<number> {
  return (await handshake(`${app.wsUrl}/api/v1/ws/${room.id}/${account.id}${query}`, headers)).status
}

function logout(headers: Record<string, string>): Promise<Answer> {
  return ask('POST', `${app.url}/api/auth/logout`, { headers })
}

async function lives(token: string): Promise<boolean> {
  return (await ask('GET', `${app.url}/api/v1/rooms`, { token })).status === 200
}

async function ticketOf(token: string): Promise<string> {
  return expectAnswer(await ask('POST', `${app.url}/api/auth/ticket`, { token }), 200, TicketShape).ticket
}

/** Makes a token or ticket as old as if so many seconds more had passed, before this node has seen it. */
async function age(secret: string, seconds: number): Promise<void> {
  await sql`
    update tokens set expires_at = expires_at - ${seconds} * interval '1 second' where hash = ${hashOf(secret)}`
}

function hashOf(secret: string): Buffer {
  return new Bun.CryptoHasher('sha256').update(secret).digest()
}
