import { beforeEach, describe, expect, test } from 'bun:test'
import { FeedRig, PATIENCE } from './fakes/feed-rig.ts'
import { seq } from './fakes/values.ts'

let rig: FeedRig

beforeEach(() => {
  rig = new FeedRig()
})

describe('a log that fails', () => {
  test('is retried after pauses until it answers; nothing is lost meanwhile', async () => {
    await rig.opened()
    rig.model.before = () => Promise.reject(new Error('away'))
    rig.accept(rig.send(3).at(-1))
    await rig.clock.advance(60_000)
    expect(rig.numbers).toEqual([])
    expect(rig.model.reads).toBeGreaterThan(5)
    expect(rig.model.reads).toBeLessThan(200)
    rig.accept(...rig.send(1))
    rig.model.before = () => undefined
    await rig.clock.advance(10_000)
    expect(rig.numbers).toEqual([1, 2, 3, 4].map(seq))
  })

  test('while a room is opened fails its followers, but not later ones', async () => {
    rig.model.before = () => Promise.reject(new Error('away'))
    const failed = [rig.feed.follow(rig.model.id), rig.feed.follow(rig.model.id)]
    for (const tracked of failed) await expect(tracked.opened()).rejects.toThrow('away')
    rig.model.before = () => undefined
    // The ones that failed are still on their way out.
    const later = await rig.opened()
    for (const tracked of failed) rig.feed.unfollow(tracked)
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual([1].map(seq))
    rig.feed.unfollow(later)
    expect(rig.feed.size).toBe(0)
  })
})

describe('a room that is gone', () => {
  test('cannot be opened', async () => {
    rig.model.deleted = true
    await expect(rig.opened()).rejects.toMatchObject({ kind: 'not_found' })
  })

  test('is not requested repeatedly', async () => {
    await rig.opened()
    rig.send(1)
    rig.model.deleted = true
    rig.feed.noteHead(rig.model.id, seq(1))
    await rig.clock.advance(10_000)
    expect(rig.model.reads).toBeLessThan(5)
  })
})

describe('a number that does not exist', () => {
  test('is read once, and later events are delivered', async () => {
    await rig.opened()
    rig.feed.noteHead(rig.model.id, seq(7))
    await rig.clock.advance(10_000)
    expect(rig.model.reads).toBeLessThan(3)
    rig.accept(...rig.send(1))
    expect(rig.numbers).toEqual([1].map(seq))
  })

  test('does not make the feed lose what it received while reading', async () => {
    await rig.opened()
    const gate = Promise.withResolvers<void>()
    // The database answers as of now, but the answer takes its time.
    rig.model.after = () => gate.promise
    rig.feed.noteHead(rig.model.id, seq(1))
    await rig.clock.advance(PATIENCE)
    const [, second] = rig.send(2)
    rig.accept(second)
    rig.model.after = () => undefined
    gate.resolve()
    await rig.clock.advance(PATIENCE)
    expect(rig.numbers).toEqual([1, 2].map(seq))
  })
})

test('a caller that waits for a nonexistent number is released once that is known', async () => {
  const tracked = await rig.opened()
  rig.accept(...rig.send(2))
  let arrived = false
  const waiting = tracked.reached(seq(9)).then(() => {
    arrived = true
  })
  expect(arrived).toBe(false)
  await rig.clock.advance(PATIENCE)
  await waiting
  expect(tracked.position).toBe(seq(2))
})
