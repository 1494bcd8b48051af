// A server that tells of its history: the client gives along what it was told with its position, and begins anew where that is void.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { RoomView } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ME, ROOM, RoomModel } from './support/room-model.ts'
import type { Peer, Request } from './support/scripted-server.ts'

let rig: Rig
let model: RoomModel
let room: RoomView

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(() => rig.close())

/** A connection that is greeted with a mark of the history. */
const greeted = (epoch?: string): Promise<Peer> =>
  rig.server.nextIdentified(epoch === undefined ? {} : { hello: { epoch } })

/** A room that is live, on a connection that was greeted so. */
async function live(epoch?: string): Promise<Peer> {
  room = rig.connect().room(ROOM)
  const opened = room.open()
  const peer = await greeted(epoch)
  peer.answer(await peer.take('subscribe'), model.snapshot(50))
  peer.send({ type: 'live', room: ROOM, seq: model.head })
  await opened
  return peer
}

/** The connection is lost, and the next one is greeted so. */
async function comeBack(peer: Peer, epoch?: string): Promise<{ peer: Peer; request: Request<'subscribe'> }> {
  peer.cut()
  await until(() => room.getSnapshot().status === 'offline', 'the loss')
  rig.clock.advance(5000)
  const next = await greeted(epoch)
  return { peer: next, request: await next.take('subscribe') }
}

/** The room's history is another one, of as many messages, none of which is known. */
function rewrite(messages: number): void {
  model = new RoomModel()
  for (let i = 0; i < messages; i++) model.say(3, `anew-${i}`)
}

describe('what was told of the history', () => {
  test('is given along with the position, not before there is one', async () => {
    model.say(2)
    const peer = await live('first')
    expect(peer.frames.find(({ type }) => type === 'subscribe')).not.toHaveProperty('epoch')
    const { request } = await comeBack(peer, 'second')
    expect(request).toMatchObject({ after: 1, epoch: 'first' })
  })

  test('is what came last, with a heartbeat', async () => {
    const peer = await live('first')
    peer.send({ type: 'heartbeat', heads: {}, epoch: 'later' })
    peer.send({ type: 'heartbeat', heads: {} })
    model.say(2)
    peer.send({ type: 'message', room: ROOM, seq: 1, message: model.messages[0] ?? model.say(2) })
    await until(() => room.getSnapshot().position === 1, 'the message')
    const { request } = await comeBack(peer, 'second')
    expect(request).toMatchObject({ after: 1, epoch: 'later' })
  })

  test('stays what it was until the server has taken the position', async () => {
    const first = await live('first')
    const second = await comeBack(first, 'second')
    const third = await comeBack(second.peer, 'third')
    expect(third.request.epoch).toBe('first')
    third.peer.answer(third.request, { room: ROOM, mode: 'live', head: 0, snapshot: null })
    third.peer.send({ type: 'live', room: ROOM, seq: 0 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect((await comeBack(third.peer, 'fourth')).request.epoch).toBe('third')
  })

  test('is given along where something was lost on the way, too', async () => {
    const peer = await live('first')
    rig.clock.advance(10_000)
    peer.send({ type: 'heartbeat', heads: { [ROOM]: 1 }, epoch: 'later' })
    expect(await peer.take('subscribe')).toMatchObject({ after: 0, epoch: 'later' })
  })

  test('is nothing with a server that does not say', async () => {
    const { request } = await comeBack(await live())
    expect(request.after).toBe(0)
    expect(request).not.toHaveProperty('epoch')
  })
})

describe('a room that is reset', () => {
  test('shows what is there now, and nothing of what was', async () => {
    for (let i = 0; i < 5; i++) model.say(2)
    const { peer, request } = await comeBack(await live('first'), 'second')
    rewrite(7)
    peer.answer(request, { ...model.snapshot(50), reset: true })
    peer.send({ type: 'live', room: ROOM, seq: 7 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(room.getSnapshot()).toMatchObject({ position: 7, messages: model.messages, unread: 7 })
  })

  test('may be shorter than it was', async () => {
    for (let i = 0; i < 5; i++) model.say(2)
    const { peer, request } = await comeBack(await live('first'), 'second')
    rewrite(2)
    peer.answer(request, { ...model.snapshot(50), reset: true })
    peer.send({ type: 'live', room: ROOM, seq: 2 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(room.getSnapshot()).toMatchObject({ position: 2, messages: model.messages })
    peer.send({ type: 'message', room: ROOM, seq: 3, message: model.say(3) })
    await until(() => room.getSnapshot().position === 3, 'the next message')
  })

  test('keeps what is still to be sent, under its key, and not what was acknowledged', async () => {
    const first = await live('first')
    const acknowledged = room.send('acknowledged, and lost')
    const sent = await first.take('send')
    const data = {
      room: ROOM,
      seq: 9,
      message: 9,
      client_id: acknowledged.clientId,
      created_at: '2026-02-13T10:00:00.000Z',
    }
    first.answer(sent, data)
    await acknowledged.done
    const waiting = room.send('not answered')
    await first.take('send')
    expect(room.getSnapshot().pending.map(({ status }) => status)).toEqual(['sent', 'sending'])

    const { peer, request } = await comeBack(first, 'second')
    rewrite(3)
    peer.answer(request, { ...model.snapshot(50), reset: true })
    peer.send({ type: 'live', room: ROOM, seq: 3 })
    expect((await peer.take('send')).client_id).toBe(waiting.clientId)
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(room.getSnapshot().pending.map(({ body }) => body)).toEqual(['not answered'])
    expect(peer.frames.filter(({ type }) => type === 'send')).toHaveLength(1)
    peer.send({ type: 'message', room: ROOM, seq: 4, message: model.say(ME, waiting.clientId) })
    expect(await waiting.done).toMatchObject({ seq: 4 })
    expect(room.getSnapshot().pending).toEqual([])
  })

  test('is not marked as read up to a number that was another message’s', async () => {
    for (let i = 0; i < 5; i++) model.say(2)
    const first = await live('first')
    first.cut()
    await until(() => room.getSnapshot().status === 'offline', 'the loss')
    room.read()
    rig.clock.advance(500)
    const peer = await greeted('second')
    const request = await peer.take('subscribe')
    rewrite(7)
    peer.answer(request, { ...model.snapshot(50), reset: true })
    peer.send({ type: 'live', room: ROOM, seq: 7 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    room.read(6)
    expect((await peer.take('read')).seq).toBe(6)
    expect(peer.frames.filter(({ type }) => type === 'read')).toHaveLength(1)
  })
})
