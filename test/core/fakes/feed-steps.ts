import { expect } from 'bun:test'
import fc from 'fast-check'
import type { RoomEvent } from '../../../src/core/index.ts'
import { settled } from './clock.ts'
import { type FeedRig, PATIENCE } from './feed-rig.ts'
import type { RoomModel } from './room-model.ts'

const change = fc.constantFrom('send', 'send', 'send', 'edit', 'delete', 'member')
/** An action on a room, on the events that reach a feed, or on the database. */
export const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('commit' as const), change, nth: fc.nat(20), told: fc.boolean() }),
  },
  // Any events committed so far, in any order, any number of times.
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
  // Delayed results of the database, which later ones may overtake.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slow' as const), ms: fc.nat(200) }) },
)
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Does the step. */
export async function take(rig: FeedRig, s: Step): Promise<void> {
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

/** Ends all delays and outages, so that the feed gets everything. */
export async function converge(rig: FeedRig): Promise<void> {
  rig.model.before = () => undefined
  rig.model.after = () => undefined
  // What is under way and late.
  await rig.clock.advance(1000)
  await rig.feed.reconcile()
  // The longest pause after failures, and the gap's own.
  await rig.clock.advance(5000 + PATIENCE)
}
