import { describe, expect, test } from 'bun:test'
import { pacedSignals, type Signal } from '../../src/core/index.ts'
import { FakeClock } from './fakes/clock.ts'
import { id, seq, userRef } from './fakes/values.ts'

const SECOND = 1000

describe('repeated signals of a user in a room', () => {
  test('are sent at once, then once a second with the latest state', async () => {
    const { clock, signals, told } = rig()
    for (let n = 0; n < 2000; n++) signals.publish(typing(n % 2 === 0))
    expect(told).toEqual([typing(true)])
    await clock.advance(SECOND - 1)
    expect(told).toHaveLength(1)
    await clock.advance(1)
    expect(told).toEqual([typing(true), typing(false)])
    signals.publish(typing(true))
    await clock.advance(SECOND)
    expect(told).toEqual([typing(true), typing(false), typing(true)])
  })

  test('never exceed that rate, however long they go on', async () => {
    const { clock, signals, told } = rig()
    for (let n = 0; n < 10_000; n++) {
      signals.publish(typing(n % 2 === 0))
      await clock.advance(1)
    }
    await clock.advance(SECOND)
    expect(told).toHaveLength(11)
    expect(told.at(-1)).toEqual(typing(false))
  })

  test('are forgotten once nothing is held back, and sent at once again', async () => {
    const { clock, signals, told } = rig()
    signals.publish(typing(true))
    expect(clock.pending).toBe(1)
    await clock.advance(SECOND)
    expect(clock.pending).toBe(0)
    signals.publish(typing(true))
    expect(told).toEqual([typing(true), typing(true)])
  })

  test('are sent again if the state ends unchanged, because a client may take a message for the end of typing', async () => {
    const { clock, signals, told } = rig()
    for (const on of [true, false, true]) signals.publish(typing(on))
    await clock.advance(SECOND)
    expect(told).toEqual([typing(true), typing(true)])
  })

  test('are paced separately for each user, room and kind', () => {
    const { signals, told } = rig()
    const all = [typing(true), typing(true, 2), typing(true, 1, 8), marks(1, 1), visit('arrived')]
    for (const signal of all) signals.publish(signal)
    expect(told).toEqual(all)
  })

  test('are sent at once when flushed, and not again', async () => {
    const { clock, signals, told } = rig()
    for (const on of [true, false]) signals.publish(typing(on))
    signals.flush()
    expect(told).toEqual([typing(true), typing(false)])
    await clock.advance(10 * SECOND)
    expect(told).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })
})

test('marks that are held back are the furthest, in whatever order they came', async () => {
  const { clock, signals, told } = rig()
  for (const mark of [marks(1, 1), marks(5, 7), marks(4, 9), marks(0, 2)]) signals.publish(mark)
  await clock.advance(SECOND)
  expect(told).toEqual([marks(1, 1), marks(5, 9)])
})

describe('arrivals and departures', () => {
  test('are sent alternately, ten times a second at most', async () => {
    const { clock, signals, told } = rig()
    const turns = Array.from({ length: 2000 }, (_, n) => visit(n % 2 === 0 ? 'arrived' : 'departed'))
    for (const signal of turns) signals.publish(signal)
    expect(told).toEqual(turns.slice(0, 10))
    await clock.advance(SECOND)
    // They were gone when it was told last, and are in the end.
    expect(told).toHaveLength(10)
    signals.publish(visit('arrived'))
    expect(told).toEqual(turns.slice(0, 11))
  })

  test('end with an arrival if the user is there', async () => {
    const { clock, signals, told } = rig()
    for (let n = 0; n < 2001; n++) signals.publish(visit(n % 2 === 0 ? 'arrived' : 'departed'))
    await clock.advance(SECOND)
    expect(told).toHaveLength(11)
    expect(told.at(-1)).toEqual(visit('arrived'))
  })

  test('are not repeated', () => {
    const { signals, told } = rig()
    for (const type of ['arrived', 'arrived', 'departed', 'departed'] as const) signals.publish(visit(type))
    expect(told).toEqual([visit('arrived'), visit('departed')])
  })
})

test('every other signal passes through', () => {
  const { clock, signals, told } = rig()
  const gone: Signal = { type: 'room_deleted', roomId: id(7) }
  const revoked: Signal = { type: 'token_revoked', userId: id(1), hash: 'ab' }
  const online: Signal = { type: 'presence', user: userRef(1), online: true, lastSeen: null, rooms: [id(7)] }
  const all = [gone, gone, revoked, revoked, online, online]
  for (const signal of all) signals.publish(signal)
  expect(told).toEqual(all)
  expect(clock.pending).toBe(0)
})

function rig() {
  const clock = new FakeClock()
  const told: Signal[] = []
  const signals = pacedSignals(clock, { publish: (signal) => void told.push(signal) })
  return { clock, signals, told }
}

function typing(on: boolean, user = 1, room = 7): Signal {
  return { type: 'typing', roomId: id(room), user: userRef(user), typing: on }
}

function marks(readSeq: number, deliveredSeq: number): Signal {
  const [read, delivered] = [seq(readSeq), seq(deliveredSeq)]
  return {
    type: 'marks',
    roomId: id(7),
    user: userRef(1),
    readSeq: read,
    deliveredSeq: delivered,
    quiet: false,
  }
}

function visit(type: 'arrived' | 'departed'): Signal {
  return { type, roomId: id(7), user: userRef(1), at: new Date(0) }
}
