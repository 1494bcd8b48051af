// A database that went back to an earlier state: the feed tells of what does not agree with what it has delivered.
import { beforeEach, describe, expect, test } from 'bun:test'
import { FeedRig, PATIENCE } from './fakes/feed-rig.ts'
import { message, seq } from './fakes/values.ts'

let rig: FeedRig

beforeEach(async () => {
  rig = new FeedRig()
  await rig.opened()
  rig.accept(...rig.send(3), rig.model.member())
})

/** The last changes are gone. */
function lose(count: number): void {
  rig.model.events.splice(-count)
}

const head = (number: number) => ({ room: rig.model.id, seq: seq(number), message: null })

describe('the feed suspects', () => {
  test('a head that went back, when heads are compared', async () => {
    lose(2)
    await rig.feed.reconcile()
    expect(rig.suspected).toEqual([head(4)])
  })

  test('a head that went back, when a gap is read', async () => {
    lose(2)
    rig.feed.noteHead(rig.model.id, seq(9))
    await rig.clock.advance(PATIENCE)
    expect(rig.suspected).toEqual([head(4)])
  })

  test('a number that another message has now', () => {
    const again = { type: 'message', roomId: rig.model.id, seq: seq(3) } as const
    rig.accept({ ...again, message: message(1, 3, { id: message(1, 99).id }) })
    expect(rig.suspected).toEqual([{ room: rig.model.id, seq: seq(3), message: message(1, 3).id }])
    expect(rig.numbers).toEqual([1, 2, 3, 4].map(seq))
  })

  test('a number that had another kind of change', () => {
    rig.accept({ type: 'message', roomId: rig.model.id, seq: seq(4), message: message(1, 4) })
    expect(rig.suspected).toEqual([{ room: rig.model.id, seq: seq(4), message: 0 }])
  })
})

describe('the feed suspects nothing', () => {
  test('when known events come again, in their old or current form', () => {
    rig.accept(...rig.model.events)
    const edited = rig.model.revise(0, 'changed')
    rig.accept(edited, ...rig.model.events)
    expect(rig.suspected).toEqual([])
  })

  test('when a head was read before the latest changes were delivered', async () => {
    rig.model.after = () => {
      rig.model.after = () => undefined
      rig.accept(...rig.send(2))
    }
    await rig.feed.reconcile()
    expect(rig.suspected).toEqual([])
    expect(rig.numbers).toEqual([1, 2, 3, 4, 5, 6].map(seq))
  })

  test('of a room that was dropped while its head was read', async () => {
    rig.model.after = () => rig.feed.dropAll()
    lose(2)
    await rig.feed.reconcile()
    expect(rig.suspected).toEqual([])
  })
})

test('a dropped room reports no suspicion, because its events were of the earlier epoch', async () => {
  const dropped = await rig.opened()
  rig.feed.dropAll()
  dropped.compare(seq(1), seq(4))
  expect(() => dropped.expectHead(seq(1), seq(4))).toThrow('cannot be read now')
  expect(rig.suspected).toEqual([])
})

test('reads and writes are reported, comparisons are not', async () => {
  const before = rig.moves
  await rig.feed.reconcile()
  expect(rig.moves).toBe(before)
  rig.accept(...rig.send(1))
  expect(rig.moves).toBe(before + 1)
  rig.feed.commit(message(2, 1).roomId, [], rig.feed.epoch)
  expect(rig.moves).toBe(before + 2)
})

test('a change written in an earlier epoch is not delivered; the database is read instead', async () => {
  const [event] = rig.send(1)
  if (event === undefined) throw new Error('it was sent')
  expect(() => rig.feed.commit(event.roomId, [event], '0-before')).toThrow('rewritten')
  expect([rig.numbers, rig.fanOut.published]).toEqual([[1, 2, 3, 4].map(seq), []])
  await rig.clock.advance(PATIENCE)
  expect(rig.numbers).toEqual([1, 2, 3, 4, 5].map(seq))
})

test('dropped rooms are forgotten, and start again with the state of the database', async () => {
  const dropped = await rig.opened()
  const waiting = dropped.reached(seq(9))
  rig.feed.dropAll()
  await waiting
  expect([rig.feed.size, rig.fanOut.listening]).toEqual([0, []])
  lose(3)
  const anew = await rig.opened()
  expect(anew.position).toBe(seq(1))
  // Whoever followed them goes in their own time.
  rig.feed.unfollow(dropped)
  rig.feed.unfollow(dropped)
  expect(rig.feed.size).toBe(1)
  rig.delivered.length = 0
  rig.accept(...rig.send(1))
  expect(rig.numbers).toEqual([seq(2)])
})
