import { beforeAll, describe, expect, test } from 'bun:test'
import type { ConnectionCounts, ConnectionScope, Crowded } from '../../src/core/index.ts'
import { until } from '../support/until.ts'

/** The options of the nodes. */
export const LIMITS: Readonly<Record<ConnectionScope, number>> = { address: 400, user: 5 }
/** A hundredth of the limit. */
const UNTOLD = 4

export type Surplus = Parameters<Crowded>

export interface CountingNode {
  readonly counts: ConnectionCounts
  /** The keys with too many connections that it was told of, in order. */
  readonly surplus: readonly Surplus[]
}

/** Two nodes that know of each other. */
export type MakeConnectionCounts = () => Promise<readonly [CountingNode, CountingNode]>

/** What `ConnectionCounts` promises. */
export function connectionCountsContract(make: MakeConnectionCounts): void {
  describe('connection counts', () => {
    let one: CountingNode
    let two: CountingNode
    let made = 0
    const fresh = () => `key ${++made}`
    beforeAll(async () => {
      ;[one, two] = await make()
    })

    /** Resolves once the node knows that the others have so many. */
    const known = ({ counts }: CountingNode, key: string, count: number, scope: ConnectionScope = 'user') =>
      until(() => counts.elsewhere(scope, key) === count, `${count} of ${key} elsewhere`)

    test("are counts of the other nodes' connections, increasing and decreasing", async () => {
      const key = fresh()
      expect(one.counts.elsewhere('user', key)).toBe(0)
      one.counts.tell('user', key, 1)
      two.counts.tell('user', key, 2)
      await known(two, key, 1)
      one.counts.tell('user', key, 3)
      await known(two, key, 3)
      expect(one.counts.elsewhere('user', key)).toBe(2)
      one.counts.tell('user', key, 0)
      await known(two, key, 0)
    })

    test('are separate for each scope and key, for any key', async () => {
      for (const key of [fresh(), '2001:db8::/64', "a 'quoted',=key.1"]) {
        one.counts.tell('user', key, 2)
        for (const scope of ['user', 'address'] as const) two.counts.tell(scope, key, UNTOLD + 1)
        await known(two, key, 2)
        expect(two.counts.elsewhere('address', key)).toBe(0)
      }
    })

    test('of few connections are not shared', async () => {
      const [key, other] = [fresh(), fresh()]
      one.counts.tell('address', key, UNTOLD)
      one.counts.tell('address', other, UNTOLD + 1)
      for (const each of [key, other]) two.counts.tell('address', each, UNTOLD + 1)
      await known(two, other, UNTOLD + 1, 'address')
      expect(two.counts.elsewhere('address', key)).toBe(0)
      one.counts.tell('address', key, UNTOLD + 1)
      two.counts.tell('address', key, UNTOLD + 2)
      await known(two, key, UNTOLD + 1, 'address')
      one.counts.tell('address', key, UNTOLD)
      await known(two, key, 0, 'address')
    })

    test('past the limit are reported to the last node, with the surplus', async () => {
      const key = fresh()
      one.counts.tell('user', key, 4)
      two.counts.tell('user', key, 1)
      await known(two, key, 4)
      two.counts.tell('user', key, 3)
      await until(() => two.surplus.some(([, name]) => name === key), 'the surplus')
      expect(two.surplus.filter(([, name]) => name === key)).toEqual([['user', key, 2]])
      expect(one.surplus.filter(([, name]) => name === key)).toEqual([])
      two.counts.tell('user', key, 1)
    })

    test('of very many keys arrive together', async () => {
      const keys = Array.from({ length: 1000 }, fresh)
      for (const key of keys) one.counts.tell('user', key, 2)
      for (const key of keys) two.counts.tell('user', key, 1)
      const all = () => keys.filter((key) => two.counts.elsewhere('user', key) === 2).length === keys.length
      await until(all, 'all to be known')
    })
  })
}
