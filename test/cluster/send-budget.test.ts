import { expect, test } from 'bun:test'
import { createSendBudget } from '../../src/cluster/send-budget.ts'
import { FakeClock } from '../core/fakes/clock.ts'
import { id } from '../core/fakes/values.ts'

test('past the number of remembered users, the one idle for longest starts with a full budget', () => {
  const budget = createSendBudget(new FakeClock(), { messagesPerSecond: 1, burst: 1, users: 2 })
  for (const user of [1, 2]) expect(budget.take(id(user))).toBe(0)
  expect(budget.take(id(1))).toBeGreaterThan(0)
  expect(budget.take(id(3))).toBe(0)
  expect(budget.take(id(1))).toBeGreaterThan(0)
  expect(budget.take(id(2))).toBe(0)
})
