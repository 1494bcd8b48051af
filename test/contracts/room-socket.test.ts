// The socket of a room, which the contracts 1, 2 and 4 share.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { login, register, TicketShape } from '../api/support/accounts-client.ts'
import { ask, expectAnswer } from '../api/support/rest.ts'
import { openSocket } from '../api/support/socket.ts'
import { handshake } from '../server/support/raw-http.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type Person, people, person } from './support/people.ts'
import { closeCode, echo, enter, publicRoom, room, roomPath, say } from './support/rooms.ts'
import { ErrorShape, RoomFrameShape } from './support/shapes.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(30_000)

let app: TestApp
let anna: Person
let ben: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
})
afterAll(() => app.close())

describe('a message', () => {
  test('comes to everyone connected, the sender too, as documented', async () => {
    const open = await publicRoom(anna)
    const [one, two] = [await enter(anna, open.name), await enter(ben, open.name)]
    one.send({ message: 'Your message here' })
    const wanted = (frame: { message: string }) => frame.message === 'Your message here'
    const [sent, got] = [
      await one.nextWhere(RoomFrameShape, wanted),
      await two.nextWhere(RoomFrameShape, wanted),
    ]
    expect(got).toEqual(sent)
    expect(sent).toEqual({
      message: 'Your message here',
      message_type: 'text',
      username: anna.username,
      user_id: anna.id,
      room: open.name,
      id: sent.id,
      seq: sent.seq,
      timestamp: sent.timestamp,
    })
    expect(Math.abs(Date.parse(sent.timestamp) - Date.now())).toBeLessThan(60_000)
    await Promise.all([one.close(), two.close()])
  })

  test('is heard from the handshake on, by whoever sends it', async () => {
    for (let i = 0; i < 15; i++) {
      const open = await publicRoom(anna)
      const socket = ben.open(roomPath(open.name))
      await socket.opened
      socket.send({ message: 'mine' })
      await say(anna, open.name, 'theirs')
      const words = [(await socket.next(RoomFrameShape)).message, (await socket.next(RoomFrameShape)).message]
      expect(words.sort()).toEqual(['mine', 'theirs'])
      await socket.close()
    }
  })

  test('is not heard by who comes later: histories have it', async () => {
    const open = await publicRoom(anna)
    await say(anna, open.name, 'earlier')
    const socket = ben.open(roomPath(open.name))
    await socket.opened
    socket.send({ message: 'later' })
    expect((await socket.next(RoomFrameShape)).message).toBe('later')
    await socket.close()
  })

  test('may have a type', async () => {
    const socket = await enter(anna, 'lobby')
    for (const message_type of ['text', 'image', 'a', 'x-7_y', 'z'.repeat(32)]) {
      socket.send({ message: 'typed', message_type })
      expect((await socket.next(RoomFrameShape)).message_type).toBe(message_type)
    }
    await socket.close()
  })

  test('comes as it was sent, and unknown fields are ignored', async () => {
    const socket = await enter(anna, 'lobby')
    const message = ' \u202E👩‍👩‍👧‍👦\u202C\n"e\u0301" \\ \u05E9 \u2028'
    socket.send({
      message,
      user_id: ben.id,
      username: ben.username,
      room: 'x',
      id: 7,
      seq: 1,
      type: 'system',
    })
    const frame = await socket.next(RoomFrameShape)
    expect(frame).toMatchObject({ message, message_type: 'text', username: anna.username, room: 'lobby' })
    await socket.close()
  })

  test('comes once, in one order for all, from many who speak at once', async () => {
    const open = await publicRoom(anna)
    const speakers = await people(app, 4)
    const sockets = await Promise.all(speakers.map((who) => enter(who, open.name)))
    const watcher = await enter(ben, open.name)
    for (let i = 0; i < 50; i++)
      for (const [n, socket] of sockets.entries()) socket.send({ message: `${n}:${i}` })
    const wanted = /^\d:\d+$/
    const orders: string[][] = []
    for (const socket of [watcher, ...sockets]) {
      const order: string[] = []
      const numbers: number[] = []
      while (order.length < 200) {
        const { message, seq } = await socket.nextWhere(RoomFrameShape, (frame) => wanted.test(frame.message))
        order.push(message)
        numbers.push(seq)
      }
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i))
      orders.push(order)
    }
    for (const order of orders) expect(order).toEqual(orders[0] ?? [])
    for (const n of sockets.keys()) {
      const own = orders[0]?.filter((word) => word.startsWith(`${n}:`))
      expect(own).toEqual(Array.from({ length: 50 }, (_, i) => `${n}:${i}`))
    }
    await Promise.all([watcher, ...sockets].map((socket) => socket.close()))
  })

  test('of another contract comes as well', async () => {
    const open = await publicRoom(anna)
    const socket = await enter(anna, open.name)
    const json = { content: 'through v1', user_id: String(ben.id), type: 'text' }
    expect((await ben.call('POST', `/api/v1/rooms/${open.id}/messages`, json)).status).toBe(200)
    expect(await socket.next(RoomFrameShape)).toMatchObject({ message: 'through v1', user_id: ben.id })
    await socket.close()
  })
})

describe('a bad frame', () => {
  test('gets an error, and the socket stays open', async () => {
    const socket = await enter(anna, 'lobby')
    const bad = ['', 'hello', '{', '42', 'null', '[]', '"x"', '{"message":', new Uint8Array([123, 125])]
    const wrong = [{}, { body: 'x' }, { message: 5 }, { message: null }, { message: 'x', message_type: 5 }]
    const refused = [{ message: '' }, { message: ' \n ' }, { message: 'a\0b' }, { message: 'x'.repeat(4001) }]
    const types = ['system', 'Text', 'a b', '', '7up', 'x'.repeat(33), 'ü']
    const typed = types.map((message_type) => ({ message: 'typed', message_type }))
    for (const frame of [...bad, ...wrong, ...refused, ...typed, '{"message":"\\ud83d"}']) {
      socket.send(frame)
      await socket.next(ErrorShape)
    }
    await echo(socket)
    await socket.close()
  })

  test('names what is wrong with it', async () => {
    const socket = await enter(anna, 'lobby')
    const errorFor = async (frame: unknown) => {
      socket.send(frame)
      return (await socket.next(ErrorShape)).error
    }
    expect(await errorFor('{')).toBe('The frame is not valid JSON')
    expect(await errorFor('[]')).toBe('The frame must be a JSON object')
    expect(await errorFor({ message: ' ' })).toBe('message must not be empty')
    expect(await errorFor({ message: 'x'.repeat(4001) })).toBe('message must have at most 4000 characters')
    expect(await errorFor({ message: 'x', message_type: 'A' })).toStartWith('message_type ')
    expect(await errorFor({ message: 'x', message_type: 'system' })).toStartWith('message_type ')
    await socket.close()
  })

  test('that is too large ends the connection with 1009', async () => {
    const socket = await enter(anna, 'lobby')
    socket.send({ message: 'x'.repeat(65_536) })
    expect(await closeCode(socket)).toBe(1009)
  })

  test('that comes too soon gets an error, and the socket stays open', async () => {
    const slow = await startApp({ RATE_MESSAGES_PER_SECOND: '1', RATE_MESSAGES_BURST: '2' })
    const who = await person(slow)
    const socket = who.open(roomPath('lobby'))
    await socket.opened
    for (const message of ['1', '2', '3']) socket.send({ message })
    const { error } = await socket.nextWhere(ErrorShape, () => true)
    expect(error).toMatch(/^Too many messages/)
    const rest = await who.call('POST', '/chat/send/', { message: '4' })
    expect([rest.status, rest.json]).toEqual([429, { error: expect.stringMatching(/^Too many messages/) }])
    expect(rest.headers.get('retry-after')).toBe('1')
    await socket.close()
    await slow.close()
  })

  test('that meets a fault gets an error without its cause', async () => {
    const broken = await startApp()
    const who = await person(broken)
    const socket = await enter(who, 'lobby')
    const sql = postgres(broken.databaseUrl, { max: 1, onnotice: () => undefined })
    await sql`drop function parley_append, parley_append_carefully`
    socket.send({ message: 'does not work' })
    expect(await socket.next(ErrorShape)).toEqual({
      error: 'An error occurred while processing your message',
    })
    await socket.close()
    await sql.end()
    await broken.close()
  })
})

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

  test('is refused with 401 to who names nobody, or falsely', async () => {
    const missing = { error: 'Authentication credentials were not provided.' }
    for (const name of ['lobby', 'no such room']) {
      const refused = await at(name)
      expect([refused.status, refused.json]).toEqual([401, missing])
      expect(refused.headers.get('www-authenticate')).toBe('Token')
      const bad = await at(name, { ...anna, token: 'f'.repeat(40) })
      expect([bad.status, bad.json]).toEqual([401, { error: 'Invalid token.' }])
    }
  })

  test('is refused with 403 to who was not invited', async () => {
    const made = await room(anna)
    const refused = await at(made.name, ben)
    expect([refused.status, refused.json]).toEqual([403, { error: 'You are not allowed in this room' }])
  })

  test('is refused with 404 where there is no such room', async () => {
    const refused = await at('no such room', anna)
    expect([refused.status, refused.json]).toEqual([404, { error: 'Room not found' }])
  })

  test('is refused with 400 where it is none, and joins nothing', async () => {
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

  test('takes a token in the header or the address, a session, and a ticket once', async () => {
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

  test('is refused with 429 beyond the connections of one address', async () => {
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
  test('when its user leaves the room, and no other is', async () => {
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

  test('when its token is ended, with those of its tickets, and no other is', async () => {
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
