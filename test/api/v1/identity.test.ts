import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Account, login, register, TicketShape } from '../support/accounts-client.ts'
import { type Answer, ask, expectAnswer } from '../support/rest.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import { DetailShape, HistoryFrame, MessageShape } from '../support/v1-shapes.ts'

let trusting: TestApp
let strict: TestApp
let room: V1Room
let user: V1User
let other: V1User
let account: Account
const clients: Record<'trusting' | 'strict', V1Client | undefined> = {
  trusting: undefined,
  strict: undefined,
}

beforeAll(async () => {
  trusting = await startApp({ V1_TRUST_IDS: 'true' })
  // The same database, so that what is asked of the two differs in nothing but the setting.
  strict = await startApp({ V1_TRUST_IDS: 'false', DATABASE_URL: trusting.databaseUrl })
  clients.trusting = v1Client(trusting)
  clients.strict = v1Client(strict)
  user = await v1('strict').user()
  other = await v1('strict').user()
  room = await v1('strict').room('The room', { token: user.token })
  account = await register(strict)
})
afterAll(() => Promise.all([trusting.close(), strict.close()]))

describe('while ids are not trusted', () => {
  test('every route except creating a user needs the token', async () => {
    const client = v1('strict')
    expectAnswer(await client.call('GET', '/rooms'), 401, DetailShape)
    expectAnswer(await client.call('GET', `/rooms/${room.id}`), 401, DetailShape)
    expectAnswer(await client.call('POST', '/rooms', { json: { name: 'nobody’s' } }), 401, DetailShape)
    expectAnswer(await client.call('GET', '/users'), 401, DetailShape)
    expectAnswer(await client.call('GET', `/users/${user.id}`), 401, DetailShape)
    expectAnswer(await client.call('GET', `/rooms/${room.id}/messages`), 401, DetailShape)
    const refused = await send('strict', user.id)
    expectAnswer(refused, 401, DetailShape)
    expect(refused.headers.get('www-authenticate')).not.toBeNull()
    expect(await open('strict', user.id)).toBe(401)
    expect(await open('strict', '999999')).toBe(401)
  })

  test.each(['Token ', 'Bearer ', 'token ', 'BEARER   '])(
    'the header %pand the token opens everything',
    async (scheme) => {
      const headers = { authorization: scheme + user.token }
      for (const path of ['/rooms', `/rooms/${room.id}`, '/users', `/rooms/${room.id}/messages`]) {
        expect((await v1('strict').call('GET', path, { headers })).status).toBe(200)
      }
      expectAnswer(await send('strict', user.id, headers), 200, MessageShape)
      expect(await open('strict', user.id, '', headers)).toBe(101)
    },
  )

  test('a socket takes the token in the query', async () => {
    expect(await open('strict', user.id, `?token=${user.token}`)).toBe(101)
    const socket = v1('strict').open(room, user, `?token=${user.token}`)
    await socket.next(HistoryFrame)
    await socket.close()
  })

  test('a socket takes a ticket, once', async () => {
    const answer = await ask('POST', `${strict.url}/api/auth/ticket`, { token: user.token })
    const { ticket } = expectAnswer(answer, 200, TicketShape)
    expect(await open('strict', other.id, `?ticket=${other.token}`)).toBe(401)
    expect(await open('strict', user.id, `?ticket=${ticket}`)).toBe(101)
    expect(await open('strict', user.id, `?ticket=${ticket}`)).toBe(401)
  })

  test('one of several simultaneous uses of a ticket succeeds', async () => {
    const answer = await ask('POST', `${strict.url}/api/auth/ticket`, { token: user.token })
    const { ticket } = expectAnswer(answer, 200, TicketShape)
    const all = await Promise.all(
      Array.from({ length: 6 }, () => open('strict', user.id, `?ticket=${ticket}`)),
    )
    expect(all.sort()).toEqual([101, ...Array(5).fill(401)])
  })

  test('a ticket is not accepted as a token, nor a token as a ticket', async () => {
    const answer = await ask('POST', `${strict.url}/api/auth/ticket`, { token: user.token })
    const { ticket } = expectAnswer(answer, 200, TicketShape)
    expect(await open('strict', user.id, `?token=${ticket}`)).toBe(401)
    expect((await v1('strict').call('GET', '/rooms', { token: ticket })).status).toBe(401)
    expect(await open('strict', user.id, `?ticket=${user.token}`)).toBe(401)
  })
})

describe.each(['trusting', 'strict'] as const)('(%s) a token', (which) => {
  test('identifies only its own user', async () => {
    const headers = { authorization: `Token ${user.token}` }
    expectAnswer(await send(which, other.id, headers), 401, DetailShape)
    expect(await open(which, other.id, '', headers)).toBe(401)
    expect(await open(which, other.id, `?token=${user.token}`)).toBe(401)
  })

  test.each([
    ['unknown', `Token ${'0'.repeat(40)}`],
    ['too short', 'Token abc'],
    ['in upper case', `Token ${'A'.repeat(40)}`],
    ['of another scheme', 'Basic dXNlcjpwYXNz'],
    ['empty', 'Token '],
    ['with something behind it', `Token ${'0'.repeat(40)} x`],
  ])('that is %s is refused, not ignored', async (_, authorization) => {
    const headers = { authorization }
    expectAnswer(await v1(which).call('GET', '/rooms', { headers }), 401, DetailShape)
    expectAnswer(await send(which, user.id, headers), 401, DetailShape)
    expect(await open(which, user.id, '', headers)).toBe(401)
  })

  test('that is unknown is refused in the query of a socket as well', async () => {
    expect(await open(which, user.id, `?token=${'0'.repeat(40)}`)).toBe(401)
    expect(await open(which, user.id, '?token=')).toBe(401)
    expect(await open(which, user.id, `?ticket=${'0'.repeat(40)}`)).toBe(401)
  })
})

describe('while ids are trusted', () => {
  test('an id identifies a user without a password', async () => {
    expect(expectAnswer(await send('trusting', user.id), 200, MessageShape).user_id).toBe(user.id)
    expect(await open('trusting', user.id)).toBe(101)
  })

  test('an unknown id gets 404', async () => {
    for (const id of ['999999', '0', '-1', 'x', '9007199254740993']) {
      expectAnswer(await send('trusting', id), 404, DetailShape)
      expect(await open('trusting', id)).toBe(404)
    }
  })

  test('a reader without a credential sees what is public', async () => {
    for (const path of ['/rooms', '/users', `/rooms/${room.id}/messages`]) {
      expect((await v1('trusting').call('GET', path)).status).toBe(200)
    }
  })
})

describe.each(['trusting', 'strict'] as const)('(%s) an account with a password', (which) => {
  test('is never accessible by its id', async () => {
    expectAnswer(await send(which, account.id), 401, DetailShape)
    expect(await open(which, account.id)).toBe(401)
    expect(await open(which, account.id, '', { origin: strict.url })).toBe(401)
  })

  test('is accessible by its token', async () => {
    const headers = { authorization: `Bearer ${account.token}` }
    expectAnswer(await send(which, account.id, headers), 200, MessageShape)
    expect(await open(which, account.id, '', headers)).toBe(101)
    expect(await open(which, account.id, `?token=${account.token}`)).toBe(101)
  })
})

describe('the session cookie', () => {
  test('opens a socket from the server’s own pages and from programs, not from foreign pages', async () => {
    const { cookie } = await login(strict, account.username)
    const own = new URL(strict.url).origin
    const opens = (origin?: string) =>
      open('strict', account.id, '', { cookie, ...(origin === undefined ? {} : { origin }) })
    expect(await opens()).toBe(101)
    expect(await opens(own)).toBe(101)
    for (const origin of [
      'https://evil.example',
      'null',
      `${own}.evil.example`,
      own.replace('127', '1127'),
    ]) {
      // The document has no 403 in its list.
      expect([origin, await opens(origin)]).toEqual([origin, 401])
    }
  })

  test('sends from the server’s own pages, not from foreign ones', async () => {
    const { cookie } = await login(strict, account.username)
    expectAnswer(await send('strict', account.id, { cookie }), 200, MessageShape)
    expectAnswer(await send('strict', account.id, { cookie, origin: strict.url }), 200, MessageShape)
    expectAnswer(
      await send('strict', account.id, { cookie, origin: 'https://evil.example' }),
      401,
      DetailShape,
    )
    const json = { name: 'made by a foreign page' }
    const headers = { cookie, origin: 'null' }
    expectAnswer(await v1('strict').call('POST', '/rooms', { json, headers }), 401, DetailShape)
    expectAnswer(await v1('trusting').call('POST', '/rooms', { json, headers }), 401, DetailShape)
  })

  test('identifies only its own user', async () => {
    const { cookie } = await login(strict, account.username)
    expect(await open('strict', user.id, '', { cookie })).toBe(401)
    expectAnswer(await send('trusting', user.id, { cookie }), 401, DetailShape)
  })
})

test('production does not trust ids unless the setting says so', async () => {
  const production = await startApp({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: trusting.databaseUrl,
  })
  expect((await ask('GET', `${production.url}/api/v1/rooms`)).status).toBe(401)
  await production.close()
})

function v1(which: 'trusting' | 'strict'): V1Client {
  const client = clients[which]
  if (client === undefined) throw new Error('the servers are not up')
  return client
}

function send(
  which: 'trusting' | 'strict',
  id: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const json = { content: 'hello', user_id: id, type: 'text' }
  return v1(which).call('POST', `/rooms/${room.id}/messages`, { json, headers })
}

/** The status that the handshake is answered with. */
async function open(
  which: 'trusting' | 'strict',
  id: string,
  query = '',
  headers: Record<string, string> = {},
): Promise<number> {
  const { wsUrl } = which === 'trusting' ? trusting : strict
  const answer = await handshake(`${wsUrl}/api/v1/ws/${room.id}/${id}${query}`, headers)
  if (answer.status !== 101) expect(Object.keys(Object(answer.json))).toEqual(['detail'])
  return answer.status
}
