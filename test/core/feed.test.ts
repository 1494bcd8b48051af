import { beforeEach, describe, expect, test } from 'bun:test'
import type { Stretch } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { FeedRig, PATIENCE, upTo } from './fakes/feed-rig.ts'
import { id, present, seq } from './fakes/values.ts'

let rig: FeedRig

beforeEach(() => {
  rig = new FeedRig()
})

describe('an incoming event', () => {
  test('is delivered at once if it is next', async () => {
    await rig.opened()
    for (let batch = 1; batch <= 3; batch++) {
      rig.accept(...rig.send(2))
      expect(rig.numbers).toEqual(upTo(batch * 2))
    }
    expect(rig.model.reads).toBe(0)
  })

  test('is dropped if it is old, and delivered if it is new, in one batch', async () => {
    rig.send(3)
    await rig.opened()
    rig.send(2)
    rig.accept(...rig.model.events)
    rig.accept(...rig.model.events)
    expect(rig.numbers).toEqual([4, 5].map(seq))
  })

  test('is put in order, and nothing is read if the gap closes by itself', async () => {
    await rig.opened()
    const [first, second, third, fourth] = rig.send(4)
    for (const event of [fourth, second, third]) rig.accept(event)
    expect(rig.numbers).toEqual([])
    rig.accept(first)
    expect(rig.numbers).toEqual([1, 2, 3, 4].map(seq))
    await rig.clock.advance(PATIENCE)
    expect(rig.model.reads).toBe(0)
  })

  test('after a gap causes a read of the gap, over many pages if necessary', async () => {
    await rig.opened()
    rig.accept(rig.send(1200).at(-1))
    expect(rig.numbers).toEqual([])
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual(upTo(1200))
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual(upTo(1201))
  })

  test('that this version cannot read is skipped, and later ones are delivered', async () => {
    const tracked = await rig.opened()
    const stretches: (Stretch | null)[] = []
    rig.onDeliver = (_, stretch) => stretches.push(stretch)
    const [first, second, third, fourth] = rig.send(4)
    rig.model.unknown.add(seq(2)).add(seq(4))
    rig.accept(first, third)
    rig.feed.noteHead(rig.model.id, present(second).seq)
    expect(rig.numbers).toEqual([seq(1)])
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual([1, 3].map(seq))
    expect(stretches).toEqual([null, { after: seq(1), to: seq(4) }])
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual([1, 3, 5].map(seq))
    // Of the last one alone its number is told.
    rig.model.unknown.add(seq(6))
    rig.feed.noteHead(rig.model.id, present(rig.send(1)[0]).seq)
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual([1, 3, 5].map(seq))
    expect(stretches.at(-1)).toEqual({ after: seq(5), to: seq(6) })
    expect([tracked.position, rig.model.reads, fourth?.seq]).toEqual([seq(6), 2, id(4)])
  })

  test('is not lost, however many arrive while a gap is read', async () => {
    await rig.opened()
    const gate = Promise.withResolvers<void>()
    rig.model.before = () => gate.promise
    rig.accept(rig.send(2).at(-1))
    await rig.clock.advance(PATIENCE)
    for (let batch = 0; batch < 40; batch++) rig.accept(...rig.send(100))
    gate.resolve()
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual(upTo(4002))
  })

  test('before the room is open is caught', async () => {
    rig.send(2)
    const gate = Promise.withResolvers<void>()
    rig.model.after = () => gate.promise
    const tracked = rig.feed.follow(rig.model.id)
    await settled()
    rig.accept(...rig.send(2))
    gate.resolve()
    await tracked.opened()
    expect(rig.numbers).toEqual([3, 4].map(seq))
    expect(tracked.position).toBe(seq(4))
  })

  test('while a gap is read waits for it, and is delivered once', async () => {
    await rig.opened()
    const [first, , , fourth] = rig.send(4)
    const gate = Promise.withResolvers<void>()
    rig.model.after = () => gate.promise
    rig.feed.noteHead(rig.model.id, seq(3))
    await rig.clock.advance(PATIENCE)
    rig.accept(first)
    rig.accept(fourth)
    gate.resolve()
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual(upTo(4))
  })

  test('for a room that nobody follows is dropped', async () => {
    rig.accept(...rig.send(2))
    rig.feed.noteHead(rig.model.id, seq(2))
    await rig.clock.advance(PATIENCE)
    expect([rig.delivered.length, rig.model.reads, rig.feed.size]).toEqual([0, 0, 0])
  })
})

describe('an event that is only known to exist', () => {
  test('by its number is read from the database', async () => {
    await rig.opened()
    rig.send(3)
    rig.feed.noteHead(rig.model.id, rig.model.head)
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual([1, 2, 3].map(seq))
  })

  test('to the database is found by comparing heads', async () => {
    await rig.opened()
    rig.send(3)
    await rig.feed.reconcile()
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual([1, 2, 3].map(seq))
    await rig.feed.reconcile()
    await rig.clock.advance(PATIENCE)
    expect(rig.model.reads).toBe(1)
  })
})

describe('followers', () => {
  test('share one position, which ends with the last of them', async () => {
    const first = await rig.opened()
    const second = await rig.opened()
    expect(second).toBe(first)
    rig.feed.unfollow(first)
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual([1].map(seq))
    rig.feed.unfollow(second)
    expect(rig.feed.size).toBe(0)
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual([1].map(seq))
    expect((await rig.opened()).position).toBe(seq(2))
  })

  test('that leave while a gap waits or is read leave nothing running', async () => {
    const tracked = await rig.opened()
    rig.accept(rig.send(2).at(-1))
    rig.feed.unfollow(tracked)
    expect(rig.clock.pending).toBe(0)

    const again = await rig.opened()
    rig.model.before = () => Promise.reject(new Error('away'))
    rig.accept(rig.send(2).at(-1))
    await rig.clock.advance(1000)
    rig.feed.unfollow(again)
    await rig.clock.advance(10_000)
    expect(rig.clock.pending).toBe(0)
    expect(rig.delivered).toEqual([])
  })
})

describe('reached', () => {
  test('resolves when the number has been delivered, not before', async () => {
    const tracked = await rig.opened()
    const seen: number[] = []
    for (const at of [2, 1, 0]) tracked.reached(seq(at)).then(() => seen.push(at))
    await settled()
    expect(seen).toEqual([0])
    rig.accept(...rig.send(1))
    await settled()
    expect(seen).toEqual([0, 1])
    rig.accept(...rig.send(1))
    await settled()
    expect(seen).toEqual([0, 1, 2])
  })

  test('causes missing numbers to be read', async () => {
    const tracked = await rig.opened()
    rig.send(3)
    await Promise.all([tracked.reached(seq(3)), rig.clock.advance(PATIENCE)])
    expect(rig.numbers).toEqual([1, 2, 3].map(seq))
  })

  test('may be called before the room is open', async () => {
    rig.send(2)
    const tracked = rig.feed.follow(rig.model.id)
    let reached = false
    tracked.reached(seq(2)).then(() => {
      reached = true
    })
    await rig.clock.advance(PATIENCE)
    expect(reached).toBe(true)
  })

  test('resolves when the room is closed, before and after', async () => {
    const tracked = await rig.opened()
    const waiting = tracked.reached(seq(5))
    rig.feed.unfollow(tracked)
    await waiting
    await tracked.reached(seq(6))
  })
})
