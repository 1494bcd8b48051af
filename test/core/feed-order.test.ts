import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { carriesMessage, type Message, type RoomEvent, type Seq } from '../../src/core/index.ts'
import { FeedRig, upTo } from './fakes/feed-rig.ts'
import { converge, step, take } from './fakes/feed-steps.ts'
import { type RoomModel, stateOf } from './fakes/room-model.ts'
import { seq } from './fakes/values.ts'

describe('for events that arrive in any order, repeatedly, or not at all,', () => {
  test('each number of plain messages is delivered once, ascending, without gaps', async () => {
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

  test('the delivered changes of any kind lead to the room’s current state', async () => {
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

  test('the tail leads a reader at any number to where the feed is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const rig = new FeedRig()
        const tracked = await rig.opened()
        for (const s of steps) {
          await take(rig, s)
          const now = stateOf(rig.model.events.slice(0, tracked.position))
          for (const from of [0, ...upTo(tracked.position)]) {
            const missed = tracked.since(seq(from))
            if (missed === null) continue
            const { messages, ...rest } = applied(rig.model, seq(from), missed.events)
            // What came before its turn is known already, and may have changed what is told.
            const ahead = [...messages.values()].filter((m) => (m.versionSeq ?? 0) > tracked.position)
            for (const message of ahead) expect(messageOf(rig.model, message.versionSeq)).toEqual(message)
            const there = new Map([
              ...now.messages,
              ...ahead.map((message) => [message.seq, message] as const),
            ])
            expect({ messages, ...rest }).toEqual({ ...now, messages: there })
          }
          expect(tracked.since(tracked.position)).toEqual({ events: [], stretch: null })
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the tail of delivered events', () => {
  test('is complete for the latest events, and says so if it is not', async () => {
    const rig = new FeedRig()
    rig.send(10)
    const tracked = await rig.opened()
    expect(tracked.since(seq(9))).toBeNull()
    for (let i = 0; i < 500; i++) rig.accept(...rig.send(1))
    for (const back of [0, 1, 10, 60]) {
      const missed = tracked.since(seq(510 - back))
      expect(missed?.events.map((event) => event.seq)).toEqual(upTo(510).slice(510 - back))
    }
    expect(tracked.since(seq(10))).toBeNull()
  })

  test('is also bounded by its text', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    for (let i = 0; i < 100; i++) rig.accept(rig.model.send('x'.repeat(4000)))
    let kept = 0
    while (tracked.since(seq(100 - kept - 1)) !== null) kept++
    expect(kept).toBeGreaterThan(4)
    expect(kept).toBeLessThan(30)
  })
})

/** The message as the change with the number left it. */
function messageOf(model: RoomModel, version: Seq | null): Message | null {
  const event = version === null ? undefined : model.events[version - 1]
  return event !== undefined && carriesMessage(event) ? event.message : null
}

/** What a reader holds who was at `from` and applied the events. */
function applied(model: RoomModel, from: Seq, events: readonly RoomEvent[]) {
  return stateOf([...model.events.slice(0, from), ...events])
}
