import { describe, expect, test } from 'bun:test'
import { cappedSignals, type RoomId, type Signal, type SignalKind } from '../../src/core/index.ts'
import { FakeClock } from './fakes/clock.ts'
import { id, seq, userRef } from './fakes/values.ts'

const SECOND = 1000
/** In a room of 5,000 listeners: 20,000 frames a second. */
const MOST = 4

describe('what many users do at once in a large room', () => {
  test('is told to the room a few times a second, each user in turn', async () => {
    const { clock, signals, told } = rig()
    for (let user = 1; user <= 10; user++) signals.publish(typing(true, user))
    expect(told.map(userOf)).toEqual([1, 2, 3, 4])
    await clock.advance(SECOND)
    expect(told.map(userOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    await clock.advance(SECOND)
    expect(told.map(userOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    await clock.advance(SECOND)
    expect(clock.pending).toBe(0)
  })

  test('never costs more than that, however long it goes on', async () => {
    const { clock, signals, told } = rig()
    const seconds = 60
    for (let at = 0; at < seconds; at++) {
      for (let user = 1; user <= 100; user++) signals.publish(typing(at % 2 === 0, user))
      await clock.advance(SECOND)
    }
    expect(told.length).toBeLessThanOrEqual(MOST * (seconds + 1))
    // Each user has had a turn.
    expect(new Set(told.map(userOf)).size).toBe(100)
  })

  test('is told as it stands when the turn comes', async () => {
    const { clock, signals, told } = rig()
    for (let user = 1; user <= MOST; user++) signals.publish(typing(true, user))
    for (const on of [true, false]) signals.publish(typing(on, 9))
    await clock.advance(SECOND)
    expect(told.slice(MOST)).toEqual([typing(false, 9)])
  })

  test('is forgotten when the node stops', async () => {
    const { clock, signals, told } = rig()
    for (let user = 1; user <= 10; user++) signals.publish(typing(true, user))
    signals.stop()
    expect(clock.pending).toBe(0)
    expect(told).toHaveLength(MOST)
  })
})

test('marks that wait are the furthest', async () => {
  const { clock, signals, told } = rig()
  for (let user = 1; user <= MOST; user++) signals.publish(marks(1, 1, user))
  for (const [read, delivered] of [
    [5, 7],
    [4, 9],
  ] as const)
    signals.publish(marks(read, delivered, 9))
  await clock.advance(SECOND)
  expect(told.slice(MOST)).toEqual([marks(5, 9, 9)])
})

test('a user who comes and goes before their turn is not told', async () => {
  const { clock, signals, told } = rig()
  for (let user = 1; user <= MOST; user++) signals.publish(visit('arrived', user))
  for (const type of ['arrived', 'departed'] as const) signals.publish(visit(type, 9))
  signals.publish(visit('arrived', 10))
  await clock.advance(SECOND)
  expect(told.slice(MOST)).toEqual([visit('arrived', 10)])
})

test('rooms and kinds are counted by themselves', () => {
  const { signals, told } = rig(5000)
  const all = Array.from({ length: MOST }, (_, n) => [
    typing(true, n + 1),
    typing(true, n + 1, 8),
    marks(1, 1, n + 1),
    visit('arrived', n + 1),
  ]).flat()
  for (const signal of all) signals.publish(signal)
  expect(told).toEqual(all)
})

test('a room so large that one signal exceeds the limit is told one a second', async () => {
  const { clock, signals, told } = rig(50_000)
  for (let user = 1; user <= 3; user++) signals.publish(typing(true, user))
  expect(told).toHaveLength(1)
  await clock.advance(2 * SECOND)
  expect(told).toHaveLength(3)
})

test('whose presence many rooms are told, it is told to those that can bear it, and to the others in turn', async () => {
  const { clock, signals, told } = rig()
  for (let user = 1; user <= MOST; user++) signals.publish(presence(true, user, [7]))
  signals.publish(presence(true, 9, [7, 8]))
  expect(told.at(-1)).toEqual(presence(true, 9, [8]))
  for (const online of [false, true]) signals.publish(presence(online, 9, [7]))
  await clock.advance(SECOND)
  expect(told.slice(MOST + 1)).toEqual([presence(true, 9, [7])])
})

test('all rooms together cost 100,000 frames a second at most', async () => {
  const { clock, signals, told } = rig()
  const seconds = 10
  for (let at = 0; at < seconds; at++) {
    for (let room = 1; room <= 50; room++)
      for (let user = 1; user <= MOST; user++) signals.publish(typing(at % 2 === 0, user, room))
    await clock.advance(SECOND)
  }
  const most = (100_000 / 5000) * (seconds + 1)
  expect(told.length).toBeLessThanOrEqual(most + 1)
  expect(told.length).toBeGreaterThan(most / 2)
})

test('what nobody heard does not come after what is newer', async () => {
  let listeners = 5000
  const { clock, signals, told } = rig(() => listeners)
  for (let user = 1; user <= MOST; user++) signals.publish(presence(true, user, [7]))
  signals.publish(presence(true, 9, [7]))
  listeners = 0
  signals.publish(presence(false, 9, [7]))
  listeners = 5000
  await clock.advance(2 * SECOND)
  expect(told.filter((signal) => userOf(signal) === 9)).toEqual([presence(false, 9, [7])])
})

test('what costs a room nothing, and all other signals, pass at once', () => {
  const { clock, signals, told } = rig()
  const quiet: Signal = { ...marks(1, 1, 1), quiet: true }
  const gone: Signal = { type: 'room_deleted', roomId: id(7) }
  const all = Array.from({ length: 10 }, () => [quiet, gone]).flat()
  for (const signal of all) signals.publish(signal)
  expect(told).toEqual(all)
  expect(clock.pending).toBe(0)
})

test('signals of a kind that no listener of the room is shown pass at once, and nothing is held', async () => {
  const { clock, signals, told } = rig((kind) => (kind === 'visit' ? 0 : 5000))
  const visits = Array.from({ length: 100 }, (_, user) => visit('arrived', user + 1))
  for (const signal of visits) signals.publish(signal)
  expect(told).toEqual(visits)
  expect(clock.pending).toBe(0)
  // The kinds are counted by themselves.
  for (let user = 1; user <= 100; user++) signals.publish(typing(true, user))
  expect(told.length).toBe(104)
})

function rig(listeners: number | ((kind: SignalKind) => number) = 5000) {
  const clock = new FakeClock()
  const told: Signal[] = []
  const listenersNow = (_: RoomId, kind: SignalKind) =>
    typeof listeners === 'number' ? listeners : listeners(kind)
  const signals = cappedSignals(clock, { publish: (signal) => void told.push(signal) }, listenersNow)
  return { clock, signals, told }
}

function userOf(signal: Signal): number {
  return 'user' in signal ? signal.user.id : 0
}

function typing(on: boolean, user: number, room = 7): Signal {
  return { type: 'typing', roomId: id(room), user: userRef(user), typing: on }
}

function presence(online: boolean, user: number, rooms: readonly number[]): Signal {
  return { type: 'presence', user: userRef(user), online, lastSeen: null, rooms: rooms.map(id) }
}

function marks(readSeq: number, deliveredSeq: number, user: number): Extract<Signal, { type: 'marks' }> {
  const [read, delivered] = [seq(readSeq), seq(deliveredSeq)]
  return {
    type: 'marks',
    roomId: id(7),
    user: userRef(user),
    readSeq: read,
    deliveredSeq: delivered,
    quiet: false,
  }
}

function visit(type: 'arrived' | 'departed', user: number): Signal {
  return { type, roomId: id(7), user: userRef(user), at: new Date(0) }
}
