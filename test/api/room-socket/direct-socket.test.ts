// Contract 3: the socket of a direct chat.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { startApp, type TestApp } from '../../support/app.ts'
import { breakTables } from '../../support/broken-tables.ts'
import { until } from '../../support/until.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { directChat } from '../support/contracts/rooms.ts'
import { ChatsShape, DirectFrameShape, ErrorShape } from '../support/contracts/shapes.ts'
import { heard, replay, talk } from '../support/contracts/talk.ts'
import { expectAnswer } from '../support/rest.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

describe('on connecting', () => {
  test('every existing message is sent, oldest first, however many there are', async () => {
    const { one, two, id } = await pair()
    const bodies = Array.from({ length: 450 }, (_, i) => `message ${i}`)
    const speaker = one.open(`/ws/chat/${id}/`)
    await speaker.opened
    for (const body of bodies) speaker.send({ body })
    await heard(speaker, 'message 449')
    const messages = await replay(two, id, 450)
    expect(messages.map((message) => message.body)).toEqual(bodies)
    expect(messages.map((message) => message.id)).toEqual(ascending(messages.map((message) => message.id)))
    expect(new Set(messages.map((message) => message.sender))).toEqual(new Set([one.username]))
    await speaker.close()
  })

  test('nothing is sent if there are no messages', async () => {
    const { one, id } = await pair()
    const socket = one.open(`/ws/chat/${id}/`)
    await socket.opened
    socket.send({ body: 'the first' })
    expect((await socket.next(DirectFrameShape)).message.body).toBe('the first')
    await socket.close()
  })

  test('times are in UTC, without T, fraction and zone', async () => {
    const { one, two, id } = await pair()
    const before = Math.floor(Date.now() / 1000)
    await talk(one, id, ['what time is it?'])
    const [message] = await replay(two, id, 1)
    const [chat] = await chats(two)
    expect(message?.created).toBe(chat?.last_message?.created.slice(0, 19).replace('T', ' ') ?? '')
    const seconds = Date.parse(`${message?.created.replace(' ', 'T')}Z`) / 1000
    expect(seconds).toBeGreaterThanOrEqual(before)
    expect(seconds).toBeLessThanOrEqual(Date.now() / 1000)
  })

  test('messages of the other user are marked as read, and shown with their former state', async () => {
    const { one, two, id } = await pair()
    await talk(one, id, ['first', 'second'])
    expect(await unread(two)).toBe(2)
    const readOf = async (who: Person, count: number) =>
      (await replay(who, id, count)).map((message) => message.is_read)
    expect(await readOf(one, 2)).toEqual([false, false])
    expect(await readOf(two, 2)).toEqual([false, false])
    await until(async () => (await unread(two)) === 0, 'the messages to count as read')
    expect(await readOf(one, 2)).toEqual([true, true])
    await talk(one, id, ['third'])
    expect(await unread(two)).toBe(1)
    expect(await readOf(two, 3)).toEqual([true, true, false])
  })

  test('messages of the user are never unread to that user', async () => {
    const { one, id } = await pair()
    await talk(one, id, ['for you'])
    expect(await unread(one)).toBe(0)
  })

  test('messages sent meanwhile are neither lost, nor repeated, nor out of order', async () => {
    const { one, two, id } = await pair()
    const speaker = one.open(`/ws/chat/${id}/`)
    await speaker.opened
    const bodies = Array.from({ length: 1200 }, (_, i) => `${i}`)
    for (const body of bodies.slice(0, 300)) speaker.send({ body })
    await heard(speaker, '299')
    const listeners = [1, 2, 3, 4].map(() => two.open(`/ws/chat/${id}/`))
    for (const body of bodies.slice(300)) speaker.send({ body })
    for (const socket of listeners) {
      await heard(socket, '1199')
      const seen = socket.frames.map((frame) => bodyOf(frame))
      expect(seen).toEqual(bodies)
      await socket.close()
    }
    await speaker.close()
  })
})

describe('while connected', () => {
  test('a message of either user is delivered to both, as documented', async () => {
    const { one, two, id } = await pair()
    const [mine, theirs] = [one.open(`/ws/chat/${id}/`), two.open(`/ws/chat/${id}`)]
    await Promise.all([mine.opened, theirs.opened])
    theirs.send({ body: 'there' })
    await heard(mine, 'there')
    mine.send({ body: 'Hello, how are you?' })
    const [sent, got] = [await heard(mine, 'Hello, how are you?'), await heard(theirs, 'Hello, how are you?')]
    expect(sent).toEqual(got)
    expect(sent).toMatchObject({ sender: one.username, body: 'Hello, how are you?', is_read: false })
    await Promise.all([mine.close(), theirs.close()])
  })

  test('delivered messages count as read, also after the socket has closed', async () => {
    const { one, two, id } = await pair()
    const listening = two.open(`/ws/chat/${id}/`)
    await listening.opened
    await talk(one, id, ['are you listening?', 'good'])
    await heard(listening, 'good')
    await until(async () => (await unread(two)) === 0, 'the messages to count as read')
    await listening.close()
    await talk(one, id, ['gone?'])
    expect(await unread(two)).toBe(1)
  })

  test('messages sent through other contracts are delivered, whatever their type', async () => {
    const { one, two, id } = await pair()
    const socket = two.open(`/ws/chat/${id}/`)
    await socket.opened
    socket.send({ body: 'ready' })
    await heard(socket, 'ready')
    const json = { content: 'through v1', user_id: String(one.id), type: 'image' }
    expect((await one.call('POST', `/api/v1/rooms/${id}/messages`, json)).status).toBe(200)
    expect(await heard(socket, 'through v1')).toMatchObject({ sender: one.username, is_read: false })
    await socket.close()
  })

  test('text is delivered exactly as it was sent, and unknown fields are ignored', async () => {
    const { one, two, id } = await pair()
    const body = ' \u202E👩‍👩‍👧‍👦\u202C\n"e\u0301" \\ \u05E9 '
    const socket = one.open(`/ws/chat/${id}/`)
    await socket.opened
    socket.send({ body, id: 7, sender: two.username, is_read: true, created: '2020-01-01 00:00:00' })
    const { message } = await socket.next(DirectFrameShape)
    expect(message).toMatchObject({ body, sender: one.username, is_read: false })
    expect(message.created.startsWith('2020')).toBe(false)
    await socket.close()
  })

  test('an invalid frame gets an error, and the socket stays open', async () => {
    const { one, id } = await pair()
    const socket = one.open(`/ws/chat/${id}/`)
    await socket.opened
    const bad = ['', 'hello', '{', '42', 'null', '[]', '"x"', '{"body":', new Uint8Array([123, 125])]
    const wrong = [{}, { message: 'x' }, { body: 5 }, { body: null }, { body: ['x'] }]
    const refused = [{ body: '' }, { body: ' \n ' }, { body: 'a\0b' }, { body: 'x'.repeat(4001) }]
    for (const frame of [...bad, ...wrong, ...refused, '{"body":"\\ud83d"}']) {
      socket.send(frame)
      await socket.next(ErrorShape)
    }
    socket.send({ body: 'still here' })
    expect((await socket.next(DirectFrameShape)).message.body).toBe('still here')
    await socket.close()
  })

  test('a server fault gets the documented error, without its cause', async () => {
    const broken = await startApp()
    const { one, id } = await pair(broken)
    const socket = one.open(`/ws/chat/${id}/`)
    await socket.opened
    socket.send({ body: 'works' })
    await heard(socket, 'works')
    const sql = postgres(broken.databaseUrl, { max: 1, onnotice: () => undefined })
    await breakTables(sql, ['messages'])
    socket.send({ body: 'does not' })
    expect(await socket.next(ErrorShape)).toEqual({
      error: 'An error occurred while processing your message',
    })
    await socket.close()
    await sql.end()
    await broken.close()
  })
})

async function pair(where: TestApp = app) {
  const [one, two] = [await person(where), await person(where)]
  return { one, two, id: (await directChat(one, two)).id }
}

async function chats(who: Person) {
  return expectAnswer(await who.call('GET', '/api/chats/'), 200, ChatsShape)
}

/** Of the user's only chat. */
async function unread(who: Person): Promise<number | undefined> {
  return (await chats(who))[0]?.unread_count
}

function bodyOf(frame: unknown): string {
  return typeof frame === 'object' && frame !== null && 'message' in frame ? wordOf(frame.message) : ''
}

function wordOf(message: unknown): string {
  return typeof message === 'object' && message !== null && 'body' in message ? `${message.body}` : ''
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b)
}
