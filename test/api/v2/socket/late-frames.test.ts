// A client that reads slowly is sent what it asked for as that is when it is sent, not as it was when it was read.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { seq as seqOf } from '../../../core/fakes/values.ts'
import { openRawWebSocket, type RawWebSocket, TEXT } from '../../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { hasMessage } from '../support/event-message.ts'
import { exactly } from '../support/exact-shape.ts'
import { makeDirect, makeRoom, type Person, pair, say } from '../support/people.ts'
import { enter, reached } from '../support/rooms.ts'
import { connect, type Frame, type V2Client } from '../support/v2-client.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(120_000)

/** More than fits into the kernel's buffers and a page of the backlog. */
const MESSAGES = 400
const FILLER = '語'.repeat(15_000)
const FORMER = 'former words'

const shape = exactly(ServerFrame)
let app: TestApp
let owner: Person
let member: Person
let bystander: V2Client

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '16000' })
  ;[owner, member] = await pair(app)
  bystander = await connect(app, owner)
})
afterAll(async () => {
  await bystander.close()
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('a snapshot does not contain a message that was deleted after it was read', async () => {
  const room = await makeRoom(app, owner, [member])
  const at = await say(app, room, owner, FORMER)
  const { rooms } = app.chat
  const read = rooms.snapshot
  rooms.snapshot = async (...wanted) => {
    const snapshot = await read(...wanted)
    if (snapshot.messages.some(({ body }) => body === FORMER)) await remove(room, at)
    return snapshot
  }
  const client = await connect(app, member)
  const { answer } = await enter(client, room)
  rooms.snapshot = read
  expect(client.texts.join('\n')).not.toContain(FORMER)
  expect(answer).toMatchObject({ mode: 'snapshot', snapshot: { messages: [{ seq: at, body: '' }] } })
  await reached(client, room, at + 1)
  await client.close()
})

test('the first history of a v1 socket does not contain a message that was deleted after it was read', async () => {
  const room = await makeRoom(app, owner, [member], 'public')
  const at = await say(app, room, owner, FORMER)
  await say(app, room, owner, 'kept')
  const { messages } = app.chat
  const read = messages.history
  messages.history = async (...wanted) => {
    const page = await read(...wanted)
    if (page.messages.some(({ body }) => body === FORMER)) await remove(room, at)
    return page
  }
  const socket = await openRawWebSocket(`${app.wsUrl}/api/v1/ws/${room}/${member.id}?token=${member.token}`)
  await until(() => textsOf(socket).length > 0, 'the history')
  messages.history = read
  expect(JSON.parse(textsOf(socket)[0] ?? '')).toMatchObject({
    type: 'history',
    messages: [{ content: 'kept' }],
  })
  socket.end()
})

test('a page of a backlog that waits for its turn does not contain what is deleted meanwhile', async () => {
  const room = await makeRoom(app, owner, [member])
  await sayMuch(room)
  const afters = [0, 70]
  const slow = await Promise.all(
    afters.map(async (after) => {
      const socket = await openV2()
      ask(socket, { room, after })
      return socket
    }),
  )
  await Promise.all(slow.map((socket) => stalled(socket, 1)))
  await Promise.all(Array.from({ length: MESSAGES }, (_, i) => remove(room, i + 4)))
  for (const socket of slow) socket.resume()
  const last = await Promise.all(
    slow.map(async (socket) => {
      await until(
        () => framesOf(socket).some(({ type }) => type === 'live'),
        'the end of the backlog',
        60_000,
      )
      return framesOf(socket)
        .flatMap((frame) => (frame.type === 'changes' ? frame.events : []))
        .flatMap((event) => (hasMessage(event) && event.message.body !== '' ? [event.seq] : []))
        .at(-1)
    }),
  )
  // What was read as it was had been sent before: it ends somewhere, and not just where a page does.
  expect(last.some((seq, i) => seq !== undefined && (seq - (afters[i] ?? 0)) % 200 !== 0)).toBe(true)
  for (const socket of slow) socket.end()
})

test('the replay of a direct chat does not contain what is deleted while it waits', async () => {
  const room = await makeDirect(app, owner, member)
  await sayMuch(room)
  const slow = await Promise.all(
    [1, 20, 40].map(async (messages) => {
      const socket = await openRawWebSocket(`${app.wsUrl}/ws/chat/${room}/?token=${member.token}`)
      await stalled(socket, messages)
      return socket
    }),
  )
  await Promise.all(Array.from({ length: MESSAGES }, (_, i) => remove(room, i + 1)))
  await say(app, room, owner, 'the end')
  for (const socket of slow) socket.resume()
  const counts = await Promise.all(
    slow.map(async (socket) => {
      const texts = () => textsOf(socket).map((text) => text.slice(0, 200))
      await until(() => texts().some((text) => text.includes('the end')), 'the end', 60_000)
      return texts().length - 1
    }),
  )
  for (const count of counts) expect(count).toBeGreaterThan(0)
  // What had been sent before ends somewhere, and not just where a page does, for at least one of them.
  expect(counts.some((count) => count % 200 !== 0)).toBe(true)
  for (const socket of slow) socket.end()
})

async function sayMuch(room: RoomId): Promise<void> {
  await Promise.all(Array.from({ length: MESSAGES }, (_, n) => say(app, room, owner, `${n} ${FILLER}`)))
}

function openV2(): Promise<RawWebSocket> {
  return openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${member.token}`)
}

function ask(socket: RawWebSocket, wanted: { room: number; after?: number }): void {
  socket.sendFrame(TEXT, JSON.stringify({ type: 'subscribe', id: wanted.room, ...wanted }))
}

/** Stops reading after about so many messages. Resolves once the server has sent as much as the kernel takes. */
async function stalled(socket: RawWebSocket, messages: number): Promise<void> {
  const bytes = messages * Buffer.byteLength(FILLER)
  await until(() => socket.received().length > bytes, 'the beginning', 60_000)
  socket.pause()
  // It has nothing else to do meanwhile.
  for (let n = 0; n < 300; n++) await bystander.settled()
}

async function remove(room: RoomId, at: number): Promise<void> {
  await app.chat.messages.remove({ id: room }, owner, { seq: seqOf(at) })
}

function framesOf(socket: RawWebSocket): Frame[] {
  return textsOf(socket).map((text) => shape.parse(JSON.parse(text)))
}

function textsOf(socket: RawWebSocket): string[] {
  return socket.frames().flatMap(({ opcode, payload }) => (opcode === TEXT ? [payload.toString()] : []))
}
