import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Client, RoomView } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import { answerTo } from './support/answer.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ROOM, RoomModel, user } from './support/room-model.ts'
import type { Peer } from './support/scripted-server.ts'

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
