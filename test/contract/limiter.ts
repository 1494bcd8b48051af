import { describe, expect, test } from 'bun:test'
import type { Limiter, LimitScope } from '../../src/core/index.ts'

export interface LimitsUnderTest {
  readonly requestsPerMinute: number
  readonly loginsPerMinute: number
}

/** Limiters of two nodes that count together; a node that is alone gives its own twice. */
export type MakeLimiters = (limits: LimitsUnderTest) => Promise<readonly [Limiter, Limiter]>

/** What `Limiter` promises, within one minute. */
export function limiterContract(make: MakeLimiters): void {
  const limits = { requestsPerMinute: 7, loginsPerMinute: 4 }
  const scopes: [LimitScope, number][] = [
    ['request_address', 7],
    ['login_account', 4],
    // An address may be shared by a few.
    ['login_address', 12],
  ]

  describe('a limiter', () => {
    test.each(scopes)(
      'gives as many as the limit of %s, then says how long to wait',
      async (scope, limit) => {
        const [one, two] = await make(limits)
        for (let i = 0; i < limit; i++) expect(await (i % 2 === 0 ? one : two).take(scope, KEY)).toBe(0)
        for (const node of [one, two]) {
          const wait = await node.take(scope, KEY)
          expect(wait).toBeGreaterThan(0)
          expect(wait).toBeLessThanOrEqual(60_000)
        }
      },
    )

    test('gives no more to many who ask at once', async () => {
      const nodes = await make(limits)
      const asked = Array.from({ length: 50 }, (_, i) =>
        nodes[i % 2 === 0 ? 0 : 1].take('request_address', KEY),
      )
      expect((await Promise.all(asked)).filter((wait) => wait === 0)).toHaveLength(7)
    })

    test('counts each key and each scope by itself', async () => {
      const [node] = await make(limits)
      const keys = [
        'ann',
        'Ann',
        'bob',
        '',
        ' ',
        ':',
        'a:b',
        '127.0.0.1',
        '2001:db8::/64',
        'имя',
        '{a}',
        'x'.repeat(256),
      ]
      for (const key of keys) {
        for (const [scope] of scopes) expect(await node.take(scope, key)).toBe(0)
      }
      for (let i = 1; i < 4; i++) await node.take('login_account', 'ann')
      expect(await node.take('login_account', 'ann')).toBeGreaterThan(0)
      expect(await node.take('login_account', 'Ann')).toBe(0)
      expect(await node.take('login_address', 'ann')).toBe(0)
    })

    test('gives again what was given back, by whichever node', async () => {
      const [one, two] = await make(limits)
      await drain(one, 'login_account', 4)
      await two.giveBack('login_account', KEY)
      expect(await one.take('login_account', KEY)).toBe(0)
      expect(await one.take('login_account', KEY)).toBeGreaterThan(0)
    })

    test('takes nothing where it refuses', async () => {
      const [node] = await make(limits)
      await drain(node, 'login_account', 4)
      for (let i = 0; i < 10; i++) expect(await node.take('login_account', KEY)).toBeGreaterThan(0)
      for (let i = 0; i < 2; i++) await node.giveBack('login_account', KEY)
      const waits = [await node.take('login_account', KEY), await node.take('login_account', KEY)]
      expect(waits).toEqual([0, 0])
      expect(await node.take('login_account', KEY)).toBeGreaterThan(0)
    })

    test('gives no more than the limit, whatever is given back', async () => {
      const [node] = await make(limits)
      for (let i = 0; i < 3; i++) await node.giveBack('login_account', KEY)
      await drain(node, 'login_account', 4)
      expect(await node.take('login_account', KEY)).toBeGreaterThan(0)
    })
  })
}

async function drain(limiter: Limiter, scope: LimitScope, count: number): Promise<void> {
  for (let i = 0; i < count; i++) expect(await limiter.take(scope, KEY)).toBe(0)
}

const KEY = 'someone'
