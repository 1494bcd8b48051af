import fc from 'fast-check'
import { type DirectWorld, openDirectWorld } from './direct-world.ts'
import type { ServerUrls } from './people.ts'
import type { Tables } from './stored.ts'

const side = fc.constantFrom(0 as const, 1 as const)
const count = fc.integer({ min: 1, max: 6 })
const step = fc.oneof(
  fc.record({ do: fc.constant('connect' as const), side }),
  fc.record({ do: fc.constant('disconnect' as const), side }),
  fc.record({ do: fc.constant('say' as const), side, count }),
  fc.record({ do: fc.constant('post' as const), side, count }),
  fc.record({ do: fc.constant('come' as const), side, count }),
  fc.record({ do: fc.constant('go' as const), side, count }),
  fc.record({ do: fc.constant('reconnect' as const), before: fc.boolean() }),
  fc.record({ do: fc.constant('check' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Plays random histories of two users in a direct chat, each with new users. @param runs how many */
export async function countsWhatWasNotShown(server: ServerUrls, tables: Tables, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const world = await openDirectWorld(server, tables)
      for (const one of steps) await take(world, one)
      await world.leaveAll()
      await world.check()
      await world.checkReplay(0)
      await world.check()
      await world.checkReplay(1)
      await world.check()
      await world.leaveAll()
    }),
    { numRuns: runs, endOnFailure: true },
  )
}

function take(world: DirectWorld, one: Step): Promise<void> {
  switch (one.do) {
    case 'connect':
      return world.connect(one.side)
    case 'disconnect':
      return world.disconnect(one.side)
    case 'say':
      return world.say(one.side, one.count)
    case 'post':
      return world.post(one.side, one.count)
    case 'come':
    case 'go':
      return world.sayWhile(one.side, one.count, one.do)
    case 'reconnect':
      return world.reconnectBoth(one.before)
    case 'check':
      return world.check()
  }
}
