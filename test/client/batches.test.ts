import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Client, RoomView } from '../../src/client/index.ts'
import type { ClientFrame, HelloFrame, ServerFrame } from '../../src/client/wire.ts'
import { until } from '../support/until.ts'
import { type FakeSocket, fakeSockets } from './support/fake-socket.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ROOM, RoomModel, user } from './support/room-model.ts'
import { HELLO, type Peer } from './support/scripted-server.ts'

const BATCHES = { batch: true, max_batch: 128 } as const

let rig: Rig
let model: RoomModel

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(async () => {
  await rig.close()
})

describe('frames that come as one', () => {
  test('are applied in their order, and listeners are told once', async () => {
    const { client, room, peer } = await live()
    const events: number[] = []
    client.on('event', ({ seq }) => events.push(seq))
    const seen: number[] = []
    room.subscribe(() => seen.push(room.getSnapshot().messages.length))
    for (let i = 0; i < 99; i++) model.say(2)
    model.edit(0)
    const typing = { type: 'typing', room: ROOM, user: user(3), typing: true, expires_in_ms: 6000 } as const
    peer.sendBatch([...model.events.slice(0, 50), typing, ...model.events.slice(50)])
    await until(() => seen.length > 0, 'the messages')
    expect(seen).toEqual([99])
    expect(events).toEqual(model.events.map(({ seq }) => seq))
    expect(room.getSnapshot()).toMatchObject({
      position: 100,
      messages: model.messages,
      unread: 99,
      typing: [user(3)],
    })
  })

  test('of several rooms tell the listeners of each room once', async () => {
    const { client, room, peer } = await live()
    const other = new RoomModel()
    const second = client.room(8)
    const opened = second.open()
    const snapshot = other.snapshot(50)
    peer.answer(await peer.take('subscribe'), { ...snapshot, room: 8 })
    peer.send({ type: 'live', room: 8, seq: 0 })
    await opened
    const told: string[] = []
    room.subscribe(() => told.push(`first ${room.getSnapshot().messages.length}`))
    second.subscribe(() => told.push(`second ${second.getSnapshot().messages.length}`))
    for (const one of [model, other]) for (let i = 0; i < 3; i++) one.say(2)
    peer.sendBatch(
      model.events.flatMap((event, i) => [event, { ...event, room: 8 }, { ...event, room: 9 + i }]),
    )
    await until(() => told.length === 2, 'the messages')
    expect(told).toEqual(['first 3', 'second 3'])
  })

  test('take effect up to a removal, and not after it', async () => {
    const { client, room, peer } = await live()
    const told: unknown[] = []
    client.on('event', ({ seq }) => told.push(seq))
    client.on('membership', ({ change }) => told.push(change, room.getSnapshot().ended?.reason))
    model.say(2)
    model.say(2)
    const [first, second] = [eventAt(1), eventAt(2)]
    peer.sendBatch([
      first,
      { type: 'unsubscribed', room: ROOM, reason: 'left' },
      { type: 'membership', room: ROOM, change: 'removed', role: null, actor: user(2) },
      second,
    ])
    await until(() => told.length === 3, 'the word of it')
    expect(told).toEqual([1, 'removed', 'removed'])
    expect(room.getSnapshot()).toMatchObject({ status: 'ended', position: 1, messages: [model.messages[0]] })
  })

  test('are dropped after one whose listener disconnects', async () => {
    const { client, room, peer } = await live()
    client.on('membership', () => client.disconnect())
    model.say(2)
    model.say(2)
    const invited = { type: 'membership', room: 9, change: 'invited', role: null, actor: user(2) } as const
    peer.sendBatch([eventAt(1), invited, eventAt(2)])
    await until(() => room.getSnapshot().status === 'offline', 'the end')
    expect(room.getSnapshot().position).toBe(1)
  })

  test('show a gap between them, of which the rest is asked for', async () => {
    const { room, peer } = await live()
    rig.clock.advance(10_000)
    for (let i = 0; i < 4; i++) model.say(2)
    peer.sendBatch([eventAt(1), eventAt(2), eventAt(4)])
    expect((await peer.take('subscribe')).after).toBe(2)
    expect(room.getSnapshot().messages).toEqual(model.messages.slice(0, 2))
  })

  test('are taken without those that are no frames, or of a type that is not known', async () => {
    const { room, peer } = await live()
    const events: unknown[] = []
    model.say(2)
    peer.sendText(JSON.stringify([null, 7, [eventAt(1)], { type: 'newer', room: ROOM }, eventAt(1)]))
    await until(() => room.getSnapshot().position === 1, 'the message')
    events.push(room.getSnapshot().status)
    expect(events).toEqual(['live'])
    expect(rig.logged.filter((line) => line.includes('could not be read'))).toHaveLength(3)
    peer.sendText(JSON.stringify({ type: 'newer', room: ROOM, seq: 2 }))
    await until(() => room.getSnapshot().position === 2, 'the event of a newer type')
    peer.sendText('[]')
    peer.send({ type: 'typing', room: ROOM, user: user(3), typing: true, expires_in_ms: 6000 })
    await until(() => room.getSnapshot().typing.length === 1, 'the frame after an empty batch')
  })

  test('may answer what was asked, and tell the listeners of the client once', async () => {
    const client = rig.connect()
    const rooms = [7, 8, 9]
    const handles = rooms.map((id) => client.room(id).send('Hi'))
    const peer = await rig.server.nextIdentified({ hello: BATCHES })
    const requests = [await peer.take('send'), await peer.take('send'), await peer.take('send')]
    const unsent: number[] = []
    client.subscribe(() => unsent.push(client.getSnapshot().unsent))
    peer.sendBatch(requests.map(answerTo))
    const sent = await Promise.all(handles.map(({ done }) => done))
    expect(sent.map(({ room }) => room)).toEqual(rooms)
    expect(unsent).toEqual([0])
  })
})

describe('requests of one turn', () => {
  test('go as one frame, in their order; a single one goes as it is', async () => {
    const { client, socket } = await identified(BATCHES)
    for (const id of [7, 8, 9]) client.room(id).send('Hi')
    client
      .room(7)
      .edit(1, 'better')
      .catch(() => undefined)
    expect(types(socket)).toEqual(['auth'])
    await turn()
    expect(types(socket)).toEqual(['auth', ['send', 'send', 'send', 'edit']])
    client
      .room(7)
      .delete(1)
      .catch(() => undefined)
    await turn()
    expect(types(socket).at(-1)).toBe('delete')
  })

  test('that waited for a connection go as one frame, behind the one that says who it is', async () => {
    const { Socket, made } = fakeSockets()
    const client = rig.connect({ WebSocket: Socket })
    for (const id of [7, 8, 9]) client.room(id).send('Hi')
    void client.room(7).open()
    const socket = await until(() => made[0], 'the socket')
    await greet(socket, BATCHES)
    expect(types(socket)).toEqual(['auth', ['send', 'send', 'send', 'subscribe']])
  })

  test('that are asked for by the answers of one batch go as one frame', async () => {
    const { client, socket } = await identified(BATCHES)
    for (const id of [7, 8]) for (const body of ['first', 'second']) client.room(id).send(body)
    await turn()
    const [first = []] = socket.requests().slice(-1)
    socket.arrive([first].flat().map((request) => answerTo(request)))
    await turn()
    expect(types(socket)).toEqual(['auth', ['send', 'send'], ['send', 'send']])
  })

  test('go in as many frames as the limits of the server need', async () => {
    const { client, socket } = await identified({ ...BATCHES, max_batch: 3, max_frame_bytes: 1000 })
    const lengths = [1, 1, 1, 1, 100, 40, 80, 450, 1, 450, 200, 1, 1, 1, 1]
    for (const length of lengths)
      client
        .room(7)
        .edit(1, 'ü'.repeat(length))
        .catch(() => undefined)
    await turn()
    const batches = socket.requests().slice(1)
    const edits = batches.flat().map((edit) => (edit.type === 'edit' ? edit.body.length : 0))
    expect(edits).toEqual(lengths)
    expect(batches.filter(Array.isArray).map(({ length }) => length)).toContain(3)
    for (const batch of batches) if (Array.isArray(batch)) expect([2, 3]).toContain(batch.length)
    for (const text of socket.sent) expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(1000)
  })

  test.each([{}, { batch: true }, { max_batch: 128 }] as const)(
    'go one by one, at once, to a server that tells %j',
    async (hello) => {
      const { client, socket } = await identified(hello)
      for (const id of [7, 8]) client.room(id).send('Hi')
      expect(types(socket)).toEqual(['auth', 'send', 'send'])
    },
  )

  test('fail if the connection is lost before they are sent', async () => {
    const { client, socket } = await identified(BATCHES)
    const revisions = Promise.allSettled([client.room(7).delete(1), client.room(7).delete(2)])
    socket.lose()
    const lost = { status: 'rejected', reason: { code: 'disconnected', retryable: true } }
    expect(await revisions).toMatchObject([lost, lost])
    expect(types(socket)).toEqual(['auth'])
  })

  test('are sent before the client leaves in the same turn', async () => {
    const { client, socket } = await identified(BATCHES)
    const revisions = Promise.allSettled([client.room(7).delete(1), client.room(7).delete(2)])
    client.disconnect()
    expect(types(socket)).toEqual(['auth', ['delete', 'delete']])
    expect(socket.closed).toBe(true)
    const lost = { status: 'rejected', reason: { code: 'disconnected' } }
    expect(await revisions).toMatchObject([lost, lost])
  })

  test('are each given up after their own time', async () => {
    const { client } = await identified(BATCHES)
    const gaveUp: number[] = []
    const remove = (seq: number) =>
      void client
        .room(7)
        .delete(seq)
        .catch(() => gaveUp.push(seq))
    const pass = async (ms: number) => {
      rig.clock.advance(ms)
      await turn()
      return gaveUp
    }
    remove(1)
    remove(2)
    await pass(4000)
    remove(3)
    expect(await pass(5999)).toEqual([])
    expect(await pass(1)).toEqual([1, 2])
    remove(4)
    expect(await pass(3999)).toEqual([1, 2])
    expect(await pass(1)).toEqual([1, 2, 3])
    expect(await pass(6000)).toEqual([1, 2, 3, 4])
  })
})

/** The event of the model with the number. */
function eventAt(seq: number) {
  const event = model.events[seq - 1]
  if (!event) throw new Error(`no event ${seq}`)
  return event
}

/** A client whose view of the model's room is live, on a server that takes batches. */
async function live(): Promise<{ client: Client; room: RoomView; peer: Peer }> {
  const client = rig.connect()
  const room = client.room(ROOM)
  const opened = room.open()
  const peer = await rig.server.nextIdentified({ hello: BATCHES })
  peer.answer(await peer.take('subscribe'), model.snapshot(50))
  peer.send({ type: 'live', room: ROOM, seq: model.head })
  await opened
  return { client, room, peer }
}

/** A client that is identified, and its socket, which is under the control of the test. */
async function identified(hello: Partial<HelloFrame>): Promise<{ client: Client; socket: FakeSocket }> {
  const { Socket, made } = fakeSockets()
  const client = rig.connect({ WebSocket: Socket })
  const socket = await until(() => made[0], 'the socket')
  await greet(socket, hello)
  return { client, socket }
}

async function greet(socket: FakeSocket, hello: Partial<HelloFrame>): Promise<void> {
  socket.arrive({ ...HELLO, ...hello })
  await turn()
  socket.arrive({ type: 'result', id: 1, data: { user: user(1), expires_in_ms: 3_600_000 } })
  await turn()
}

/** Lets the present turn of the client end. */
async function turn(): Promise<void> {
  await Bun.sleep(0)
}

function types(socket: FakeSocket) {
  const typeOf = ({ type }: ClientFrame) => type
  return socket.requests().map((sent) => (Array.isArray(sent) ? sent.map(typeOf) : typeOf(sent)))
}

function answerTo(request: ClientFrame): ServerFrame {
  if (request.type !== 'send') throw new Error(`not a send: ${request.type}`)
  const { id = 0, room, client_id = '' } = request
  const data = { room, seq: 1, message: 500, client_id, created_at: '2026-02-13T10:00:00.000Z' }
  return { type: 'result', id, data }
}
