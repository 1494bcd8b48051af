import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { parse } from '../support/shape.ts'
import type { TestSocket } from '../support/socket.ts'
import { type V1Client, type V1Message, type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import { HistoryFrame, MessageShape, TextFrame } from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
})
afterAll(() => app.close())

test('messages sent between the history and the stream of a new socket arrive once and in order', async () => {
  const room = await v1.room()
  const senders = await Promise.all(Array.from({ length: 3 }, () => v1.user()))
  const talking = await Promise.all(senders.map(async (user) => ({ user, ...(await v1.join(room, user)) })))

  let sent = 0
  let done = false
  const newcomers: TestSocket[] = []
  async function talk({ user, socket }: { user: V1User; socket: TestSocket }): Promise<void> {
    while (!done) {
      // Bursts, so that some newcomers have more to catch up with than the room keeps in memory.
      const burst = Array.from({ length: 40 }, () => `${++sent}`)
      for (const content of burst) socket.send({ type: 'text', content, user_id: user.id })
      await socket.nextWhere(TextFrame, (frame) => frame.content === burst.at(-1))
    }
  }
  async function arrive(): Promise<void> {
    const users = await Promise.all(Array.from({ length: 12 }, () => v1.user()))
    // Each of them three times, in waves, while the others talk on.
    for (const user of [...users, ...users, ...users]) {
      const socket = v1.open(room, user)
      newcomers.push(socket)
      if (newcomers.length % 4 === 0) await socket.next(HistoryFrame)
    }
    done = true
  }
  await Promise.all([arrive(), ...talking.map(talk)])
  await v1.say(room, await v1.user(), 'the end')

  const all = await everything(room)
  expect(all.length).toBeGreaterThan(sent)
  for (const socket of newcomers) {
    if (!socket.frames.some((frame) => JSON.stringify(frame).includes('"the end"'))) {
      await socket.nextWhere(TextFrame, (frame) => frame.content === 'the end')
    }
    const seen = messagesOf(socket)
    expect(seen.map((message) => message.id)).toEqual(all.slice(-seen.length).map((message) => message.id))
    expect(seen).toEqual(all.slice(-seen.length))
  }
  for (const { socket } of talking) {
    await socket.nextWhere(TextFrame, (frame) => frame.content === 'the end')
    const seen = messagesOf(socket)
    expect(seen).toEqual(all.slice(-seen.length))
  }
  await Promise.all([...newcomers, ...talking.map(({ socket }) => socket)].map((socket) => socket.close()))
})

test('messages that another node stored, and a new socket’s history contains, are delivered once to everyone', async () => {
  const other = await startApp({ DATABASE_URL: app.databaseUrl })
  const room = await v1.room()
  const [listening, arriving] = [await v1.user(), await v1.user()]
  const listener = (await v1.join(room, listening)).socket
  for (let round = 0; round < 3; round++) {
    const stored = await v1Client(other).say(room, listening, `stored elsewhere ${round}`)
    const newcomer = v1.open(room, arriving)
    expect((await newcomer.next(HistoryFrame)).messages.at(-1)).toEqual(stored)
    const after = await v1.say(room, listening, `after ${round}`)
    await newcomer.nextWhere(TextFrame, (frame) => frame.id === after.id)
    await listener.nextWhere(TextFrame, (frame) => frame.id === after.id)
    for (const socket of [newcomer, listener]) {
      const seen = messagesOf(socket)
      expect(seen).toEqual((await everything(room)).slice(-seen.length))
    }
    await newcomer.close()
  }
  await listener.close()
  await other.close()
})

/** The history and what came after it, as one list. The first frame must be the history, and no other may be one. */
function messagesOf(socket: TestSocket): V1Message[] {
  const [first, ...rest] = socket.frames
  const { messages } = parse(HistoryFrame, first)
  const later = rest.filter((frame) => !JSON.stringify(frame).startsWith('{"type":"system"'))
  return [...messages, ...later.map((frame) => parse(MessageShape, frame))]
}

async function everything(room: V1Room): Promise<V1Message[]> {
  const all: V1Message[] = []
  let page = await v1.messages(room, '?limit=200')
  while (page.length > 0) {
    all.unshift(...page)
    page = await v1.messages(room, `?limit=200&before=${page[0]?.id}`)
  }
  return all
}
