// Who gets into the socket of a room, and who is put out of it.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { login, register, TicketShape } from '../support/accounts-client.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { closeCode, echo, enter, publicRoom, room, roomPath } from '../support/contracts/rooms.ts'
import { ask, expectAnswer } from '../support/rest.ts'
import { openSocket } from '../support/socket.ts'

let app: TestApp
let anna: Person
let ben: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
})
afterAll(() => app.close())

describe('the handshake', () => {
  const at = (name: string, who?: Person, more: Record<string, string> = {}) =>
    handshake(app.wsUrl + roomPath(name), {
      ...(who === undefined ? {} : { Authorization: `Token ${who.token}` }),
      ...more,
    })

  test('joins a public room, and a private one by invitation', async () => {
    const open = await publicRoom(anna)
    const made = await room(anna, { invited: [ben] })
    for (const name of [open.name, made.name]) {
      await (await enter(ben, name)).close()
      expect((await ben.call('GET', '/api/chat/groups/')).text).toContain(name)
    }
  })

  test('is refused with 401 without a credential, or with a wrong one', async () => {
    const missing = { error: 'Authentication credentials were not provided.' }
    for (const name of ['lobby', 'no such room']) {
      const refused = await at(name)
      expect([refused.status, refused.json]).toEqual([401, missing])
      expect(refused.headers.get('www-authenticate')).toBe('Token')
      const bad = await at(name, { ...anna, token: 'f'.repeat(40) })
      expect([bad.status, bad.json]).toEqual([401, { error: 'Invalid token.' }])
    }
  })

  test('is refused with 403 for users who are not invited', async () => {
    const made = await room(anna)
    const refused = await at(made.name, ben)
    expect([refused.status, refused.json]).toEqual([403, { error: 'You are not allowed in this room' }])
  })

  test('is refused with 404 if there is no such room', async () => {
    const refused = await at('no such room', anna)
    expect([refused.status, refused.json]).toEqual([404, { error: 'Room not found' }])
  })

  test('is refused with 400 if it is malformed, and joins nothing', async () => {
    const open = await publicRoom(anna)
    const path = roomPath(open.name)
    const answers = [
      await ben.call('GET', path),
      await at(open.name, ben, { 'Sec-WebSocket-Version': '8' }),
      await at(open.name, ben, { 'Sec-WebSocket-Key': 'short' }),
      await at(open.name, ben, { Upgrade: 'h2c' }),
    ]
    for (const { status, json } of answers) {
      expect([status, json]).toEqual([400, { error: expect.stringMatching(/WebSocket/) }])
    }
    expect((await ben.call('GET', '/api/chat/groups/')).text).not.toContain(open.name)
  })

  test('accepts a token in the header or the address, a session cookie, and a ticket once', async () => {
    const account = await register(app)
    const { cookie } = await login(app, account.username)
    const issued = await ask('POST', `${app.url}/api/auth/ticket`, { token: account.token })
    const { ticket } = expectAnswer(issued, 200, TicketShape)
    const url = app.wsUrl + roomPath('lobby')
    for (const socket of [
      openSocket(url, { authorization: `Token ${account.token}` }),
      openSocket(url, { authorization: `bearer ${account.token}` }),
      openSocket(`${url}?token=${account.token}`),
      openSocket(`${url.slice(0, -1)}?token=${account.token}`),
      openSocket(url, { cookie, origin: app.url }),
      openSocket(`${url}?ticket=${ticket}`),
    ]) {
      await socket.opened
      expect((await echo(socket)).username).toBe(account.username)
      await socket.close()
    }
    expect((await handshake(`${url}?ticket=${ticket}`)).status).toBe(401)
    const foreign = await handshake(url, { Cookie: cookie, Origin: 'https://evil.example' })
    expect([foreign.status, foreign.json]).toEqual([403, { error: 'This origin may not use the session' }])
  })

  test('is refused with 429 past the connection limit of an address', async () => {
    const small = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '1' })
    const who = await person(small)
    const socket = await enter(who, 'lobby')
    const refused = await handshake(`${small.wsUrl}/ws/chat/lobby/?token=${who.token}`)
    expect([refused.status, refused.json]).toEqual([
      429,
      { error: expect.stringMatching(/^Too many connections/) },
    ])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await socket.close()
    await small.close()
  })
})

describe('the socket is closed', () => {
  test('when its user leaves the room, and no other socket is', async () => {
    const open = await publicRoom(anna)
    const [one, two, other] = [
      await enter(anna, open.name),
      await enter(ben, open.name),
      await enter(ben, 'lobby'),
    ]
    const left = await ben.call('POST', `/api/chat/groups/${encodeURIComponent(open.name)}/leave/`)
    expect(left.status).toBe(204)
    expect(await closeCode(two)).toBe(1008)
    await Promise.all([echo(one), echo(other)])
    await Promise.all([one.close(), other.close()])
  })

  test('when its token is ended, as are those of its tickets, and no other socket is', async () => {
    const account = await register(app)
    const { token } = await login(app, account.username)
    const issued = await ask('POST', `${app.url}/api/auth/ticket`, { token })
    const { ticket } = expectAnswer(issued, 200, TicketShape)
    const url = app.wsUrl + roomPath('lobby')
    const ended = [openSocket(`${url}?token=${token}`), openSocket(`${url}?ticket=${ticket}`)]
    const kept = openSocket(`${url}?token=${account.token}`)
    await Promise.all([...ended, kept].map((socket) => socket.opened))
    expect((await ask('POST', `${app.url}/api/auth/logout`, { token })).status).toBe(204)
    for (const socket of ended) expect(await closeCode(socket)).toBe(1008)
    await echo(kept)
    await kept.close()
  })
})
