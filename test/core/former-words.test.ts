// What a message said before it was edited or deleted is handed to nobody once the feed has delivered the change.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  carriesMessage,
  type FeedRoom,
  type Message,
  type RoomEvent,
  type Seq,
} from '../../src/core/index.ts'
import { FeedRig, upTo } from './fakes/feed-rig.ts'
import { converge, step, take } from './fakes/feed-steps.ts'
import { type RoomModel, stateOf } from './fakes/room-model.ts'
import { isMemberEvent, present, seq } from './fakes/values.ts'

const steps = fc.array(step, { maxLength: 60, size: 'max' })

describe('for events in any order', () => {
  test('a delivered event is in its form after all events delivered with it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        const rig = new FeedRig()
        const tracked = await rig.opened()
        rig.onDeliver = (events) => expectCurrent(events, rig.model, tracked)
        for (const s of chosen) await take(rig, s)
        await converge(rig)
      }),
      { numRuns: 300 },
    )
  })

  test('the tail is current, and continues by number or says that it is compacted', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        const rig = new FeedRig()
        const tracked = await rig.opened()
        for (const s of chosen) {
          await take(rig, s)
          for (const after of [seq(0), ...upTo(tracked.position)]) {
            const recent = tracked.since(after)
            if (recent === null) continue
            const { events, stretch } = recent
            expectCurrent(events, rig.model, tracked)
            const numbers = upTo(tracked.position).slice(after)
            const original = numbers.map((number) => present(rig.model.events[number - 1]))
            if (stretch === null) expect(events).toEqual(original)
            else expectCompacted(events, original, after)
            expect(stretch ?? { after, to: tracked.position }).toEqual({ after, to: tracked.position })
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a message read earlier is made current by the room, as long as it remembers the change', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        const rig = new FeedRig()
        const tracked = await rig.opened()
        for (const s of chosen) {
          await take(rig, s)
          for (const readAt of [seq(0), ...upTo(rig.model.head)]) {
            if (!tracked.knows(readAt)) continue
            for (const message of stateOf(rig.model.events.slice(0, readAt)).messages.values())
              expect(versionOf(tracked.now(message))).toBeGreaterThanOrEqual(
                Math.max(versionOf(message), versionAt(rig.model, message, tracked.position)),
              )
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('the room remembers the latest form', () => {
  test('of more changes than its tail holds, but not of any number', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    rig.accept(...rig.send(1))
    const [sent] = rig.model.events
    if (sent?.type !== 'message') throw new Error('it is a message')
    rig.accept(rig.model.revise(0, null))
    for (let i = 0; i < 1000; i++) rig.accept(...rig.send(1))
    expect(tracked.since(seq(1))).toBeNull()
    expect([tracked.knows(seq(1)), tracked.now(sent.message).body]).toEqual([true, ''])
    for (let i = 0; i < 100; i++) rig.accept(rig.model.revise(i, null))
    expect([tracked.knows(seq(1)), tracked.knows(tracked.position)]).toEqual([false, true])
  })

  test('of a bounded amount of text', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    rig.accept(...rig.send(20))
    for (let i = 0; i < 20; i++) rig.accept(rig.model.revise(i, 'x'.repeat(4000)))
    expect(tracked.knows(seq(20))).toBe(false)
    expect(tracked.knows(seq(36))).toBe(true)
  })
})

/** That no message is as it was before a change that was delivered already. */
function expectCurrent(events: readonly RoomEvent[], model: RoomModel, tracked: FeedRoom): void {
  for (const event of events) {
    if (!carriesMessage(event)) continue
    const { message } = event
    expect(versionOf(message)).toBeGreaterThanOrEqual(versionAt(model, message, tracked.position))
  }
}

/** That they are what is left of the originals: some of their numbers, each message once, and all that was changed. */
function expectCompacted(events: readonly RoomEvent[], original: readonly RoomEvent[], after: Seq): void {
  const left = new Set(events.map((event) => event.seq))
  expect([...left]).toEqual(events.map((event) => event.seq).sort((a, b) => a - b))
  const messages = events.flatMap((event) => (carriesMessage(event) ? [event.message.seq] : []))
  expect(new Set(messages).size).toBe(messages.length)
  for (const event of original) {
    if (carriesMessage(event)) expect(messages).toContain(event.message.seq)
    if (isMemberEvent(event)) expect(left).toContain(event.seq)
  }
  for (const event of events) {
    if (event.type === 'edited' || event.type === 'deleted')
      expect(event.message.seq).toBeLessThanOrEqual(after)
  }
}

function versionOf({ versionSeq }: Message): number {
  return versionSeq ?? 0
}

/** The last change of the message up to a number. */
function versionAt(model: RoomModel, message: Message, position: Seq): number {
  const then = stateOf(model.events.slice(0, position)).messages.get(message.seq)
  return then === undefined ? 0 : versionOf(then)
}
