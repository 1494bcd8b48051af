// The socket of a room, which the contracts 1, 2 and 4 share.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { startApp, type TestApp } from '../../support/app.ts'
import { breakTables } from '../../support/broken-tables.ts'
import { type Person, people, person } from '../support/contracts/people.ts'
import { closeCode, echo, enter, publicRoom, roomPath, say } from '../support/contracts/rooms.ts'
import { ErrorShape, RoomFrameShape } from '../support/contracts/shapes.ts'

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
  test('is delivered to everyone connected, including the sender, as documented', async () => {
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

  test('is delivered from the handshake on, also to its own sender', async () => {
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

  test('is not delivered to sockets that connect later; histories have it', async () => {
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

  test('is delivered as it was sent, and unknown fields are ignored', async () => {
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

  test('is delivered once, in one order for all, when many send at once', async () => {
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

  test('of another contract is delivered as well', async () => {
    const open = await publicRoom(anna)
    const socket = await enter(anna, open.name)
    const json = { content: 'through v1', user_id: String(ben.id), type: 'text' }
    expect((await ben.call('POST', `/api/v1/rooms/${open.id}/messages`, json)).status).toBe(200)
    expect(await socket.next(RoomFrameShape)).toMatchObject({ message: 'through v1', user_id: ben.id })
    await socket.close()
  })
})

describe('an invalid frame', () => {
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

  test('past the rate limit gets an error, and the socket stays open', async () => {
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

  test('that causes a server fault gets an error without the cause', async () => {
    const broken = await startApp()
    const who = await person(broken)
    const socket = await enter(who, 'lobby')
    const sql = postgres(broken.databaseUrl, { max: 1, onnotice: () => undefined })
    await breakTables(sql, ['messages'])
    socket.send({ message: 'does not work' })
    expect(await socket.next(ErrorShape)).toEqual({
      error: 'An error occurred while processing your message',
    })
    await socket.close()
    await sql.end()
    await broken.close()
  })
})
