import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { openLive } from './support/live-room.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ME, ROOM, RoomModel, user } from './support/room-model.ts'

let rig: Rig
let model: RoomModel

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(async () => {
  await rig.close()
})

describe('marks', () => {
  test('of what was delivered are told by themselves, at most once a second', async () => {
    const { room, peer } = await openLive(rig, model)
    for (let i = 0; i < 3; i++) model.say(2)
    for (const seq of [1, 2, 3]) peer.send(model.eventAt(seq))
    await until(() => room.getSnapshot().position === 3, 'the messages')
    expect((await peer.take('delivered')).seq).toBe(1)
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toHaveLength(1)
    rig.clock.advance(1000)
    expect((await peer.take('delivered')).seq).toBe(3)
    rig.clock.advance(1000)
    model.say(ME)
    peer.send(model.eventAt(4))
    await until(() => room.getSnapshot().position === 4, 'the own message')
    rig.clock.advance(1000)
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toHaveLength(2)
  })

  test('of what was delivered are not told in large rooms', async () => {
    const { room, peer } = await openLive(rig, model)
    const state = model.state()
    if (state.type === 'state') peer.send({ ...state, marks: null, online: null, online_count: 300 })
    model.say(2)
    peer.send(model.eventAt(1))
    await until(() => room.getSnapshot().position === 1, 'the message')
    expect(room.getSnapshot().members).toBeNull()
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toEqual([])
  })

  test('of what was read are gathered, and survive a loss of the connection', async () => {
    const { room, peer } = await openLive(rig, model)
    for (let i = 0; i < 5; i++) {
      model.say(2)
      peer.send(model.eventAt(i + 1))
    }
    await until(() => room.getSnapshot().unread === 5, 'the messages')
    room.read(1)
    room.read(3)
    room.read(2)
    const first = await peer.take('read')
    expect(first.seq).toBe(1)
    model.read(1)
    peer.answer(first, model.figures())
    const second = await peer.take('read')
    expect(second.seq).toBe(3)
    expect(room.getSnapshot()).toMatchObject({ unread: 4, readSeq: 1 })
    peer.cut()
    await until(() => room.getSnapshot().status === 'offline', 'the loss')
    room.read()
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified()
    const request = await next.take('subscribe')
    // Not before it is known that the numbers are still those that were read.
    expect(next.frames.filter(({ type }) => type === 'read')).toEqual([])
    next.answer(request, { room: ROOM, mode: 'live', head: 5, snapshot: null })
    const third = await next.take('read')
    expect(third.seq).toBe(5)
    model.read(5)
    next.answer(third, model.figures())
    await until(() => room.getSnapshot().unread === 0, 'the marks')
  })

  test('of what was read are nobody else’s', async () => {
    const { client, room, peer } = await openLive(rig, model)
    model.say(2)
    peer.send(model.eventAt(1))
    await until(() => room.getSnapshot().position === 1, 'the message')
    client.disconnect()
    room.read()
    client.connect()
    const other = await rig.server.nextIdentified({ id: 2 })
    const request = await other.take('subscribe')
    expect(request).not.toHaveProperty('after')
    other.answer(request, model.snapshot(50))
    other.send({ type: 'live', room: ROOM, seq: 1 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(other.frames.filter(({ type }) => type === 'read')).toEqual([])
  })

  test('ask for the unread messages that cannot be counted here', async () => {
    for (let i = 0; i < 10; i++) model.say(2)
    const { room, peer } = await openLive(rig, model, 2)
    model.read(4)
    peer.send({ type: 'marks', room: ROOM, user: ME, read_seq: 4, delivered_seq: 4 })
    await until(() => room.getSnapshot().readSeq === 4, 'the mark of another device')
    rig.clock.advance(1000)
    const request = await peer.take('read')
    expect(request.seq).toBe(4)
    peer.answer(request, model.figures())
    await until(() => room.getSnapshot().unread === 6, 'the count')
  })
})

describe('typing', () => {
  test('is told every three seconds while it goes on, and ended when it stops', async () => {
    const { room, peer } = await openLive(rig, model)
    const told = () => peer.frames.flatMap((frame) => (frame.type === 'typing' ? [frame.typing] : []))
    room.typing(true)
    room.typing(true)
    await peer.take('typing')
    rig.clock.advance(2999)
    room.typing(true)
    rig.clock.advance(1)
    await peer.take('typing')
    expect(told()).toEqual([true, true])
    rig.clock.advance(3999)
    await peer.take('typing')
    await peer.take('typing')
    expect(told()).toEqual([true, true, true, false])
  })

  test('is ended by a word, and not said again too soon', async () => {
    const { room, peer } = await openLive(rig, model)
    room.typing(true)
    room.typing(false)
    room.typing(true)
    await peer.take('typing')
    expect((await peer.take('typing')).typing).toBe(false)
    rig.clock.advance(3000)
    expect((await peer.take('typing')).typing).toBe(true)
  })

  test('of others ends by itself', async () => {
    const { room, peer } = await openLive(rig, model)
    peer.send({ type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 })
    await until(() => room.getSnapshot().typing.length === 1, 'somebody to type')
    rig.clock.advance(6000)
    expect(room.getSnapshot().typing).toEqual([])
  })

  test('of others ends as soon on a machine whose clock is set back meanwhile', async () => {
    const { room, peer } = await openLive(rig, model)
    peer.send({ type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 })
    await until(() => room.getSnapshot().typing.length === 1, 'somebody to type')
    rig.clock.set(-3_600_000)
    rig.clock.advance(6000)
    expect(room.getSnapshot().typing).toEqual([])
  })
})
