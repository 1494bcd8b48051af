import { afterEach, beforeEach, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { openLive } from './support/live-room.ts'
import { type Rig, startRig } from './support/rig.ts'
import { RoomModel } from './support/room-model.ts'

let rig: Rig
let model: RoomModel

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(async () => {
  await rig.close()
})

test('a bot hears of each event once, in order', async () => {
  const { client, peer } = await openLive(rig, model)
  const heard: string[] = []
  client.on('event', (event) => heard.push(`${event.type} ${event.seq}`))
  model.say(2)
  model.edit(0)
  model.join(3)
  for (const seq of [1, 1, 2, 3, 2]) peer.send(model.eventAt(seq))
  model.say(3)
  model.describe()
  for (const frame of model.changes(2, 100)) peer.send(frame)
  await until(() => heard.length >= 5, 'all of it')
  expect(heard).toEqual(['message 1', 'edited 2', 'member 3', 'message 4', 'room 5'])
})

test('snapshots are one object until something changes, and listeners do not disturb each other', async () => {
  const { room, peer } = await openLive(rig, model)
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
  peer.send(model.eventAt(1))
  await until(() => calls > 0, 'the listener')
  expect(room.getSnapshot()).not.toBe(before)
  expect(before.messages).toEqual([])
  expect(rig.logged).toContain('error: A listener has thrown')
  const heard = calls
  stop()
  model.say(2)
  peer.send(model.eventAt(2))
  await until(() => room.getSnapshot().position === 2, 'the second message')
  expect(calls).toBe(heard)
})
