import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { RoomEvent, Seq } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { FeedRig, PATIENCE, upTo } from './fakes/feed-rig.ts'
import { type RoomModel, stateOf } from './fakes/room-model.ts'
import { seq } from './fakes/values.ts'

const change = fc.constantFrom('send', 'send', 'send', 'edit', 'delete', 'member')
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('commit' as const), change, nth: fc.nat(20), told: fc.boolean() }),
  },
  // Any of what was committed so far, in any order, any number of times.
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      which: fc.array(fc.nat(100), { maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
  // Answers of the database that are late by then, and may be overtaken.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slow' as const), ms: fc.nat(200) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('whatever is told, in whatever order, however often, or not at all', () => {
  test('of plain messages each number is delivered once, ascending, and none is missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.array(step, { maxLength: 60, size: 'max' }), async (before, steps) => {
        const rig = new FeedRig()
        rig.send(before)
        await rig.opened()
        for (const s of steps) await take(rig, s.do === 'commit' ? { ...s, change: 'send' } : s)
        await converge(rig)
        expect(rig.numbers).toEqual(upTo(rig.model.head).slice(before))
      }),
      { numRuns: 300 },
    )
  })

  test('of changes of any kind the delivered ones lead to how the room is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.array(step, { maxLength: 60, size: 'max' }), async (before, steps) => {
        const rig = new FeedRig()
        rig.send(before)
        await rig.opened()
        for (const s of steps) await take(rig, s)
        await converge(rig)
        expect(rig.numbers).toEqual([...new Set(rig.numbers)].sort((a, b) => a - b))
        expect(applied(rig.model, seq(before), rig.delivered)).toEqual(stateOf(rig.model.events))
      }),
      { numRuns: 300 },
    )
  })

  test('what the memory gives to a reader at any place leads to where the feed is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const rig = new FeedRig()
        const tracked = await rig.opened()
        for (const s of steps) {
          await take(rig, s)
          const now = stateOf(rig.model.events.slice(0, tracked.position))
          for (const from of [0, ...upTo(tracked.position)]) {
            const missed = tracked.since(seq(from))
            if (missed !== null) expect(applied(rig.model, seq(from), missed)).toEqual(now)
          }
          expect(tracked.since(tracked.position)).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the memory of what was delivered', () => {
  test('is whole for the latest events, and says so where it no longer is', async () => {
    const rig = new FeedRig()
    rig.send(10)
    const tracked = await rig.opened()
    expect(tracked.since(seq(9))).toBeNull()
    for (let i = 0; i < 500; i++) rig.accept(...rig.send(1))
    for (const back of [0, 1, 10, 60]) {
      const missed = tracked.since(seq(510 - back))
      expect(missed?.map((event) => event.seq)).toEqual(upTo(510).slice(510 - back))
    }
    expect(tracked.since(seq(10))).toBeNull()
  })

  test('is bounded by its text, too', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    for (let i = 0; i < 100; i++) rig.accept(rig.model.send('x'.repeat(4000)))
    let kept = 0
    while (tracked.since(seq(100 - kept - 1)) !== null) kept++
    expect(kept).toBeGreaterThan(4)
    expect(kept).toBeLessThan(30)
  })
})

async function take(rig: FeedRig, s: Step): Promise<void> {
  switch (s.do) {
    case 'commit': {
      const event = commit(rig.model, s.change, s.nth)
      if (s.told) rig.accept(event)
      return
    }
    case 'tell':
      if (rig.model.head > 0) rig.accept(...s.which.map((n) => rig.model.events[n % rig.model.head]))
      return
    case 'pass':
      return rig.clock.advance(s.ms)
    case 'outage':
      rig.model.before = () => (s.on ? Promise.reject(new Error('away')) : undefined)
      return
    case 'slow':
      rig.model.after = () => new Promise((resolve) => rig.clock.after(s.ms, resolve))
      return
    case 'reconcile':
      rig.feed.reconcile().catch((error: Error) => expect(error.message).toBe('away'))
      await settled()
  }
}

function commit(model: RoomModel, change: string, nth: number): RoomEvent {
  if (change === 'member') return model.member()
  if (change === 'edit') return model.revise(nth, `words ${model.head}`)
  return change === 'delete' ? model.revise(nth, null) : model.send(`words ${model.head}`)
}

async function converge(rig: FeedRig): Promise<void> {
  rig.model.before = () => undefined
  rig.model.after = () => undefined
  // What is under way and late.
  await rig.clock.advance(1000)
  await rig.feed.reconcile()
  // The longest pause after failures, and the gap's own.
  await rig.clock.advance(5000 + PATIENCE)
}

/** What a reader holds who was at `from` and applied the events. */
function applied(model: RoomModel, from: Seq, events: readonly RoomEvent[]) {
  return stateOf([...model.events.slice(0, from), ...events])
}
