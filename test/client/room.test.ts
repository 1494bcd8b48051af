import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { openLive } from './support/live-room.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ROOM, RoomModel, user } from './support/room-model.ts'

let rig: Rig
let model: RoomModel

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(async () => {
  await rig.close()
})

describe('following a room', () => {
  test('begins with a snapshot, and is live with the word of the server', async () => {
    for (let i = 0; i < 3; i++) model.say(2)
    const client = rig.connect()
    const room = client.room(ROOM)
    const opened = room.open({ limit: 2 })
    const peer = await rig.server.nextIdentified()
    const request = await peer.take('subscribe')
    expect(request).toMatchObject({ room: ROOM, limit: 2 })
    expect(request).not.toHaveProperty('after')
    expect(client.status).toBe('catching_up')
    peer.answer(request, model.snapshot(2))
    await until(() => room.getSnapshot().messages.length === 2, 'the snapshot')
    expect(room.getSnapshot()).toMatchObject({
      status: 'catching_up',
      position: 3,
      hasOlder: true,
      unread: 3,
    })
    peer.send({ type: 'live', room: ROOM, seq: 3 })
    await opened
    expect(room.getSnapshot().status).toBe('live')
    expect(client.status).toBe('live')
  })

  test('goes on from its position after a loss of the connection', async () => {
    const { client, room, peer } = await openLive(rig, model)
    model.say(2)
    peer.send(model.eventAt(1))
    await until(() => room.getSnapshot().position === 1, 'the message')
    peer.cut()
    await until(() => room.getSnapshot().status === 'offline', 'the loss')
    model.say(2)
    model.say(2)
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified()
    const request = await next.take('subscribe')
    expect(request.after).toBe(1)
    expect(client.status).toBe('catching_up')
    next.answer(request, { room: ROOM, mode: 'changes', head: 3, snapshot: null })
    const seen: number[] = []
    room.subscribe(() => seen.push(room.getSnapshot().messages.length))
    for (const frame of model.changes(1, 100)) next.send(frame)
    next.send({ type: 'live', room: ROOM, seq: 3 })
    await until(() => client.status === 'live', 'the room to be live')
    // Both messages came at once.
    expect(new Set(seen)).toEqual(new Set([1, 3]))
    expect(room.getSnapshot().messages).toEqual(model.messages)
  })

  test('subscribes again where something is missing, once at a time', async () => {
    const { room, peer } = await openLive(rig, model)
    rig.clock.advance(10_000)
    for (let i = 0; i < 4; i++) model.say(2)
    peer.send(model.eventAt(1))
    peer.send(model.eventAt(3))
    const request = await peer.take('subscribe')
    expect(request.after).toBe(1)
    peer.send(model.eventAt(4))
    peer.send({ type: 'heartbeat', heads: { [ROOM]: 4 } })
    peer.answer(request, { room: ROOM, mode: 'live', head: 4, snapshot: null })
    for (const seq of [2, 3, 4]) peer.send(model.eventAt(seq))
    peer.send({ type: 'live', room: ROOM, seq: 4 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(room.getSnapshot().messages).toEqual(model.messages)
    expect(peer.frames.filter(({ type }) => type === 'subscribe')).toHaveLength(2)
  })

  test('subscribes again where a heartbeat tells of more', async () => {
    const { peer } = await openLive(rig, model)
    rig.clock.advance(10_000)
    peer.send({ type: 'heartbeat', heads: { '99': 5, [ROOM]: 1 } })
    expect((await peer.take('subscribe')).after).toBe(0)
  })

  test('does not press a server that cannot be caught up with, and begins anew in the end', async () => {
    const { peer } = await openLive(rig, model)
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      peer.send({ type: 'heartbeat', heads: { [ROOM]: 1 } })
      // Requests are given up after ten seconds, and silent connections later.
      const wait = await until(() => rig.clock.waits().find((ms) => ms < 10_000), 'a delay')
      waits.push(wait)
      rig.clock.advance(wait)
      const request = await peer.take('subscribe')
      expect(request.after).toBe(i < 3 ? 0 : undefined)
      peer.answer(request, { room: ROOM, mode: 'live', head: 0, snapshot: null })
      peer.send({ type: 'live', room: ROOM, seq: 0 })
    }
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })

  test('tries again after what the server says, where it may', async () => {
    const client = rig.connect()
    const room = client.room(ROOM)
    const opened = room.open()
    const peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('subscribe'), { code: 'overloaded', retryable: true, retry_after_ms: 5000 })
    await until(() => rig.clock.waits().includes(5000), 'the delay')
    rig.clock.advance(5000)
    const request = await peer.take('subscribe')
    peer.answer(request, model.snapshot(50))
    peer.send({ type: 'live', room: ROOM, seq: 0 })
    await opened
  })

  test('ends where the user may not', async () => {
    const client = rig.connect()
    const room = client.room(ROOM)
    const opened = room.open()
    const peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('subscribe'), {
      code: 'forbidden',
      message: 'You are not a member of this room',
    })
    await expect(opened).rejects.toMatchObject({ name: 'ParleyError', code: 'forbidden', retryable: false })
    expect(room.getSnapshot()).toMatchObject({ status: 'ended', ended: { reason: 'refused' } })
    expect(client.status).toBe('live')
  })

  test('ends with a removal, and begins anew when opened again', async () => {
    const { client, room, peer } = await openLive(rig, model)
    const told: unknown[] = []
    client.on('membership', (frame) => told.push(frame.change))
    model.say(2)
    peer.send(model.eventAt(1))
    peer.send({ type: 'unsubscribed', room: ROOM, reason: 'left' })
    peer.send({ type: 'membership', room: ROOM, change: 'removed', role: null, actor: user(2) })
    await until(() => told.length === 1, 'the word of it')
    expect(room.getSnapshot().ended).toEqual({ reason: 'removed', error: null })
    void room.open()
    expect(await peer.take('subscribe')).not.toHaveProperty('after')
  })

  test('stops when closed, and goes on when opened again', async () => {
    const { room, peer } = await openLive(rig, model)
    room.close()
    await peer.take('unsubscribe')
    model.say(2)
    peer.send(model.eventAt(1))
    expect(room.getSnapshot().status).toBe('closed')
    void room.open()
    expect((await peer.take('subscribe')).after).toBe(0)
  })

  test('goes on until everyone who opened the room has closed it', async () => {
    const { client, room, peer } = await openLive(rig, model)
    const second = client.room(ROOM).open()
    room.close()
    await second
    model.say(2)
    peer.send(model.eventAt(1))
    await until(() => room.getSnapshot().position === 1, 'the message')
    expect(room.getSnapshot().status).toBe('live')
    room.close()
    await peer.take('unsubscribe')
    expect(room.getSnapshot().status).toBe('closed')
    // One close too many is nobody's: the next one who opens is not closed by it.
    room.close()
    void room.open()
    await peer.take('subscribe')
    expect(room.getSnapshot().status).not.toBe('closed')
  })

  test('does not fail for those who still wait when another closes', async () => {
    const client = rig.connect()
    const room = client.room(ROOM)
    const first = room.open()
    const second = room.open()
    room.close()
    const peer = await rig.server.nextIdentified()
    peer.answer(await peer.take('subscribe'), model.snapshot(50))
    peer.send({ type: 'live', room: ROOM, seq: 0 })
    await Promise.all([first, second])
    expect(room.getSnapshot().status).toBe('live')
  })

  test('of a forgotten room ends for everyone', async () => {
    const { client, room, peer } = await openLive(rig, model)
    void room.open()
    client.forget(ROOM)
    await peer.take('unsubscribe')
    expect(room.getSnapshot().status).toBe('closed')
    expect(client.room(ROOM)).not.toBe(room)
  })

  test('of many rooms asks for as many at once as a server handles', async () => {
    const client = rig.connect()
    for (let id = 1; id <= 260; id++) void client.room(id).open()
    const peer = await rig.server.nextIdentified()
    const first = await peer.take('subscribe')
    for (let i = 1; i < 256; i++) await peer.take('subscribe')
    expect(peer.frames.filter(({ type }) => type === 'subscribe')).toHaveLength(256)
    peer.refuse(first, { code: 'not_found' })
    expect(await peer.take('subscribe')).toMatchObject({ room: 257 })
  })
})
