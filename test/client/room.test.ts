import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Client, RoomView } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ME, ROOM, RoomModel, user } from './support/room-model.ts'
import type { Peer } from './support/scripted-server.ts'

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
    const { client, room, peer } = await live()
    model.say(2)
    peer.send(eventAt(1))
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
    const { room, peer } = await live()
    rig.clock.advance(10_000)
    for (let i = 0; i < 4; i++) model.say(2)
    peer.send(eventAt(1))
    peer.send(eventAt(3))
    const request = await peer.take('subscribe')
    expect(request.after).toBe(1)
    peer.send(eventAt(4))
    peer.send({ type: 'heartbeat', heads: { [ROOM]: 4 } })
    peer.answer(request, { room: ROOM, mode: 'live', head: 4, snapshot: null })
    for (const seq of [2, 3, 4]) peer.send(eventAt(seq))
    peer.send({ type: 'live', room: ROOM, seq: 4 })
    await until(() => room.getSnapshot().status === 'live', 'the room to be live')
    expect(room.getSnapshot().messages).toEqual(model.messages)
    expect(peer.frames.filter(({ type }) => type === 'subscribe')).toHaveLength(2)
  })

  test('subscribes again where a heartbeat tells of more', async () => {
    const { peer } = await live()
    rig.clock.advance(10_000)
    peer.send({ type: 'heartbeat', heads: { '99': 5, [ROOM]: 1 } })
    expect((await peer.take('subscribe')).after).toBe(0)
  })

  test('does not press a server that cannot be caught up with, and begins anew in the end', async () => {
    const { peer } = await live()
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
    const { client, room, peer } = await live()
    const told: unknown[] = []
    client.on('membership', (frame) => told.push(frame.change))
    model.say(2)
    peer.send(eventAt(1))
    peer.send({ type: 'unsubscribed', room: ROOM, reason: 'left' })
    peer.send({ type: 'membership', room: ROOM, change: 'removed', role: null, actor: user(2) })
    await until(() => told.length === 1, 'the word of it')
    expect(room.getSnapshot().ended).toEqual({ reason: 'removed', error: null })
    void room.open()
    expect(await peer.take('subscribe')).not.toHaveProperty('after')
  })

  test('stops when closed, and goes on when opened again', async () => {
    const { room, peer } = await live()
    room.close()
    await peer.take('unsubscribe')
    model.say(2)
    peer.send(eventAt(1))
    expect(room.getSnapshot().status).toBe('closed')
    void room.open()
    expect((await peer.take('subscribe')).after).toBe(0)
  })

  test('goes on until everyone who opened the room has closed it', async () => {
    const { client, room, peer } = await live()
    const second = client.room(ROOM).open()
    room.close()
    await second
    model.say(2)
    peer.send(eventAt(1))
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
    const { client, room, peer } = await live()
    void room.open()
    client.forget(ROOM)
    await peer.take('unsubscribe')
    expect(room.getSnapshot().status).toBe('closed')
    expect(client.room(ROOM)).not.toBe(room)
  })

  test('of many rooms asks for sixteen at once', async () => {
    const client = rig.connect()
    for (let id = 1; id <= 20; id++) void client.room(id).open()
    const peer = await rig.server.nextIdentified()
    const first = await peer.take('subscribe')
    for (let i = 1; i < 16; i++) await peer.take('subscribe')
    expect(peer.frames.filter(({ type }) => type === 'subscribe')).toHaveLength(16)
    peer.refuse(first, { code: 'not_found' })
    expect(await peer.take('subscribe')).toMatchObject({ room: 17 })
  })
})

test('a bot hears of each event once, in order', async () => {
  const { client, peer } = await live()
  const heard: string[] = []
  client.on('event', (event) => heard.push(`${event.type} ${event.seq}`))
  model.say(2)
  model.edit(0)
  model.join(3)
  for (const seq of [1, 1, 2, 3, 2]) peer.send(eventAt(seq))
  model.say(3)
  model.describe()
  for (const frame of model.changes(2, 100)) peer.send(frame)
  await until(() => heard.length >= 5, 'all of it')
  expect(heard).toEqual(['message 1', 'edited 2', 'member 3', 'message 4', 'room 5'])
})

test('snapshots are one object until something changes, and listeners do not disturb each other', async () => {
  const { room, peer } = await live()
  const before = room.getSnapshot()
  expect(room.getSnapshot()).toBe(before)
  let calls = 0
  room.subscribe(() => {
    throw new Error('a broken listener')
  })
  const stop = room.subscribe(() => {
    calls++
  })
  model.say(2)
  peer.send(eventAt(1))
  await until(() => calls > 0, 'the listener')
  expect(room.getSnapshot()).not.toBe(before)
  expect(before.messages).toEqual([])
  expect(rig.logged).toContain('error: A listener has thrown')
  const heard = calls
  stop()
  model.say(2)
  peer.send(eventAt(2))
  await until(() => room.getSnapshot().position === 2, 'the second message')
  expect(calls).toBe(heard)
})

describe('marks', () => {
  test('of what was delivered are told by themselves, at most once a second', async () => {
    const { room, peer } = await live()
    for (let i = 0; i < 3; i++) model.say(2)
    for (const seq of [1, 2, 3]) peer.send(eventAt(seq))
    await until(() => room.getSnapshot().position === 3, 'the messages')
    expect((await peer.take('delivered')).seq).toBe(1)
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toHaveLength(1)
    rig.clock.advance(1000)
    expect((await peer.take('delivered')).seq).toBe(3)
    rig.clock.advance(1000)
    model.say(ME)
    peer.send(eventAt(4))
    await until(() => room.getSnapshot().position === 4, 'the own message')
    rig.clock.advance(1000)
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toHaveLength(2)
  })

  test('of what was delivered are not told in large rooms', async () => {
    const { room, peer } = await live()
    const state = model.state()
    if (state.type === 'state') peer.send({ ...state, marks: null, online: null, online_count: 300 })
    model.say(2)
    peer.send(eventAt(1))
    await until(() => room.getSnapshot().position === 1, 'the message')
    expect(room.getSnapshot().members).toBeNull()
    expect(peer.frames.filter(({ type }) => type === 'delivered')).toEqual([])
  })

  test('of what was read are gathered, and survive a loss of the connection', async () => {
    const { room, peer } = await live()
    for (let i = 0; i < 5; i++) {
      model.say(2)
      peer.send(eventAt(i + 1))
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
    const { client, room, peer } = await live()
    model.say(2)
    peer.send(eventAt(1))
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
    const { room, peer } = await live(2)
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
    const { room, peer } = await live()
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
    const { room, peer } = await live()
    room.typing(true)
    room.typing(false)
    room.typing(true)
    await peer.take('typing')
    expect((await peer.take('typing')).typing).toBe(false)
    rig.clock.advance(3000)
    expect((await peer.take('typing')).typing).toBe(true)
  })

  test('of others ends by itself', async () => {
    const { room, peer } = await live()
    peer.send({ type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 })
    await until(() => room.getSnapshot().typing.length === 1, 'somebody to type')
    rig.clock.advance(6000)
    expect(room.getSnapshot().typing).toEqual([])
  })

  test('of others ends as soon on a machine whose clock is set back meanwhile', async () => {
    const { room, peer } = await live()
    peer.send({ type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 })
    await until(() => room.getSnapshot().typing.length === 1, 'somebody to type')
    rig.clock.set(-3_600_000)
    rig.clock.advance(6000)
    expect(room.getSnapshot().typing).toEqual([])
  })
})

describe('older messages', () => {
  test('come a page at a time, until there are none', async () => {
    for (let i = 0; i < 7; i++) model.say(2)
    const asked: string[] = []
    rig.server.rest = (request) => {
      const { pathname, searchParams } = new URL(request.url)
      asked.push(pathname)
      expect(request.headers.get('authorization')).toBe('Bearer secret')
      expect(searchParams.get('tombstones')).toBe('true')
      const page = model.older(Number(searchParams.get('before')), Number(searchParams.get('limit')))
      return Response.json({
        items: page.messages,
        prev: page.hasOlder ? 'more' : null,
        next: null,
        head: page.head,
      })
    }
    const { room } = await live(2)
    expect(await Promise.all([room.loadOlder(3), room.loadOlder(3)])).toEqual([true, true])
    expect(room.getSnapshot().messages).toEqual(model.messages.slice(2))
    expect(await room.loadOlder()).toBe(false)
    expect(room.getSnapshot()).toMatchObject({ hasOlder: false, messages: model.messages })
    expect(await room.loadOlder()).toBe(false)
    expect(asked).toEqual([`/api/v2/rooms/${ROOM}/messages`, `/api/v2/rooms/${ROOM}/messages`])
  })

  test('that cannot be had are an error, and can be asked for again', async () => {
    for (let i = 0; i < 3; i++) model.say(2)
    const { room } = await live(1)
    await expect(room.loadOlder()).rejects.toMatchObject({ name: 'ParleyError', code: 'bad_answer' })
    await expect(room.loadOlder()).rejects.toMatchObject({ code: 'bad_answer' })
  })
})

describe('revising', () => {
  test('resolves with the answer', async () => {
    const { room, peer } = await live()
    const edited = room.edit(1, 'better')
    const request = await peer.take('edit')
    expect(request).toMatchObject({ room: ROOM, seq: 1, body: 'better' })
    peer.answer(request, { room: ROOM, seq: 1, version: 2 })
    expect(await edited).toEqual({ room: ROOM, seq: 1, version: 2 })
    const deleted = room.delete(1)
    peer.refuse(await peer.take('delete'), { code: 'forbidden', message: 'not yours' })
    await expect(deleted).rejects.toMatchObject({ code: 'forbidden', message: 'not yours' })
  })

  test('fails where no answer comes, or the connection is lost', async () => {
    const { room, peer } = await live()
    const late = room.delete(1)
    await peer.take('delete')
    rig.clock.advance(10_000)
    await expect(late).rejects.toMatchObject({ code: 'timeout', retryable: true })
    const lost = room.delete(1)
    await peer.take('delete')
    peer.cut()
    await expect(lost).rejects.toMatchObject({ code: 'disconnected', retryable: true })
  })

  test('waits for a connection, but not for ever, nor without bound', async () => {
    const client = rig.connect()
    const room = client.room(ROOM)
    const waiting = Array.from({ length: 100 }, () => room.delete(1))
    await expect(room.delete(1)).rejects.toMatchObject({ code: 'overloaded', retryable: true })
    const peer = await rig.server.nextIdentified()
    peer.answer(await peer.take('delete'), { room: ROOM, seq: 1, version: 2 })
    expect(await waiting[0]).toMatchObject({ version: 2 })
    for (const lost of waiting) lost.catch(() => undefined)
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    const late = room.delete(1)
    client.disconnect()
    await expect(late).rejects.toMatchObject({ code: 'stopped' })
  })
})

/** The event of the model with the number. */
function eventAt(seq: number) {
  const event = model.events[seq - 1]
  if (!event) throw new Error(`no event ${seq}`)
  return event
}

/** A client whose view of the model's room is live, and the server's side of its connection. */
async function live(limit = 50): Promise<{ client: Client; room: RoomView; peer: Peer }> {
  const client = rig.connect()
  const room = client.room(ROOM)
  const opened = room.open({ limit })
  const peer = await rig.server.nextIdentified()
  peer.answer(await peer.take('subscribe'), model.snapshot(limit))
  peer.send({ type: 'live', room: ROOM, seq: model.head })
  peer.send(model.state())
  await opened
  await until(() => room.getSnapshot().onlineCount > 0, 'the state of the room')
  return { client, room, peer }
}
