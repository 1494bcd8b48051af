import { describe, expect, test } from 'bun:test'
import type { SendBudget, UserId } from '../../src/core/index.ts'
import { id } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import type { BudgetUnderTest } from './send-budget.ts'

/** Budgets of two nodes that count together, in real time. */
export type MakeBudgets = (options: BudgetUnderTest) => Promise<readonly [SendBudget, SendBudget]>

/** What `SendBudget` promises over several nodes. */
export function sharedBudgetContract(make: MakeBudgets): void {
  describe('a send budget that nodes share', () => {
    test('allows a user who sends at the limit on both nodes as much as one node would', async () => {
      const [rate, burst] = [200, 50]
      const budgets = await make({ messagesPerSecond: rate, burst, users: 10 })
      const from = performance.now()
      let given = 0
      let elapsed = 0
      await until(() => {
        for (const budget of budgets) while (budget.take(ANN) === 0) given++
        elapsed = performance.now() - from
        return elapsed > 3000
      }, 'the end of the time')
      const due = burst + (rate * elapsed) / 1000
      expect(given).toBeGreaterThan(due * 0.9)
      expect(given).toBeLessThan(due * 1.1)
    })

    test('used up on one node is nearly used up on the other', async () => {
      // So slow that the budget does not refill while the test runs.
      const [one, two] = await make({ messagesPerSecond: 0.001, burst: 100, users: 10 })
      for (let i = 0; i < 100; i++) expect(one.take(ANN)).toBe(0)
      let given = 0
      await until(() => {
        if (two.take(ANN) > 0) return true
        given++
        return false
      }, 'a refusal on the other node')
      expect(given).toBeLessThanOrEqual(20)
      for (const budget of [one, two]) expect([budget.left(ANN), budget.take(ANN) > 0]).toEqual([0, true])
      expect([two.left(BOB), one.take(BOB), two.take(BOB)]).toEqual([100, 0, 0])
    })

    test('makes the user wait longer if more was allowed than available', async () => {
      const [one, two] = await make({ messagesPerSecond: 100, burst: 50, users: 10 })
      const from = performance.now()
      // At once, before either can know of the other.
      let given = 0
      for (let i = 0; i < 50; i++) for (const budget of [one, two]) if (budget.take(ANN) === 0) given++
      expect(given).toBe(100)
      for (const budget of [one, two]) await until(() => budget.take(ANN) > 50, 'a debt')
      await until(() => one.take(ANN) === 0, 'the debt to be paid')
      // So many were given before their time: they have come since, and one more.
      expect(performance.now() - from).toBeGreaterThan(((100 - 50) / 100) * 1000 * 0.95)
    })
  })
}

const ANN: UserId = id(1)
const BOB: UserId = id(2)
