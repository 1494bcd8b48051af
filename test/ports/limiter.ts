import { describe, expect, test } from 'bun:test'
import type { Limiter, LimitScope } from '../../src/core/index.ts'

export interface LimitsUnderTest {
  readonly requestsPerMinute: number
  readonly loginsPerMinute: number
  readonly registrationsPerMinute: number
  readonly guestsPerMinute: number
  readonly searchesPerMinute: number
}

/** Limiters of two nodes that count together; a node that is alone gives its own twice. */
export type MakeLimiters = (limits: LimitsUnderTest) => Promise<readonly [Limiter, Limiter]>

/** What `Limiter` promises, within one minute. */
export function limiterContract(make: MakeLimiters): void {
  const limits = {
    requestsPerMinute: 7,
    loginsPerMinute: 4,
    registrationsPerMinute: 5,
    guestsPerMinute: 6,
    searchesPerMinute: 8,
  }
  const scopes: [LimitScope, number][] = [
    ['request_address', 7],
    ['sign_in_address', 70],
    ['login_account', 4],
    // An address may be shared by a few.
    ['login_address', 12],
    ['login_known', 4],
    ['password_change', 4],
    ['register_address', 5],
    ['guest_address', 6],
  ]

  describe('a limiter', () => {
    test.each(scopes)(
      'allows as many as the limit of %s, then says how long to wait',
      async (scope, limit) => {
        const [one, two] = await make(limits)
        for (let i = 0; i < limit; i++) expect(await given(i % 2 === 0 ? one : two, scope)).toBe(true)
        for (const node of [one, two]) {
          const { waitMs } = await node.take(scope, KEY)
          expect(waitMs).toBeGreaterThan(0)
          expect(waitMs).toBeLessThanOrEqual(60_000)
        }
      },
    )

    test.each(scopes)(
      'returns what is left of %s, and when all of it is available again',
      async (scope, limit) => {
        const [one, two] = await make(limits)
        for (let left = limit - 1; left >= 0; left--) {
          const taken = await (left % 2 === 0 ? one : two).take(scope, KEY)
          expect(taken).toEqual({ waitMs: 0, limit, left, resetMs: taken.resetMs })
          expect(taken.resetMs).toBeGreaterThan(0)
          expect(taken.resetMs).toBeLessThanOrEqual(60_000)
        }
        for (const node of [one, two]) {
          const { waitMs, ...refused } = await node.take(scope, KEY)
          expect(refused).toEqual({ limit, left: 0, resetMs: waitMs })
        }
      },
    )

    test('allows no more to simultaneous callers', async () => {
      const nodes = await make(limits)
      const asked = Array.from({ length: 50 }, (_, i) =>
        nodes[i % 2 === 0 ? 0 : 1].take('request_address', KEY),
      )
      expect((await Promise.all(asked)).filter(({ waitMs }) => waitMs === 0)).toHaveLength(7)
    })

    test('counts each key and each scope separately', async () => {
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
        for (const [scope] of scopes) expect(await given(node, scope, key)).toBe(true)
      }
      for (let i = 1; i < 4; i++) await node.take('login_account', 'ann')
      expect(await given(node, 'login_account', 'ann')).toBe(false)
      expect(await given(node, 'login_account', 'Ann')).toBe(true)
      expect(await given(node, 'login_address', 'ann')).toBe(true)
    })

    test('allows again what any node gave back', async () => {
      const [one, two] = await make(limits)
      await drain(one, 'login_account', 4)
      await two.giveBack('login_account', KEY)
      expect(await given(one, 'login_account')).toBe(true)
      expect(await given(one, 'login_account')).toBe(false)
    })

    test('takes nothing if it refuses', async () => {
      const [node] = await make(limits)
      await drain(node, 'login_account', 4)
      for (let i = 0; i < 10; i++) expect(await given(node, 'login_account')).toBe(false)
      for (let i = 0; i < 2; i++) await node.giveBack('login_account', KEY)
      for (let i = 0; i < 2; i++) expect(await given(node, 'login_account')).toBe(true)
      expect(await given(node, 'login_account')).toBe(false)
    })

    test('allows no more than the limit, whatever is given back', async () => {
      const [node] = await make(limits)
      for (let i = 0; i < 3; i++) await node.giveBack('login_account', KEY)
      await drain(node, 'login_account', 4)
      expect(await given(node, 'login_account')).toBe(false)
    })
  })
}

async function drain(limiter: Limiter, scope: LimitScope, count: number): Promise<void> {
  for (let i = 0; i < count; i++) expect(await given(limiter, scope)).toBe(true)
}

async function given(limiter: Limiter, scope: LimitScope, key = KEY): Promise<boolean> {
  return (await limiter.take(scope, key)).waitMs === 0
}

const KEY = 'someone'
