import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Clock, SendBudget, UserId } from '../../src/core/index.ts'
import { FakeClock } from '../core/fakes/clock.ts'
import { id } from '../core/fakes/values.ts'

export interface BudgetUnderTest {
  readonly messagesPerSecond: number
  readonly burst: number
  /** Users that it must remember. */
  readonly users: number
}

/** @param clock that a test moves: nothing else may make the budget fill */
export type MakeBudget = (clock: Clock, options: BudgetUnderTest) => SendBudget

/** What `SendBudget` promises on one node. */
export function sendBudgetContract(make: MakeBudget): void {
  const rate = fc.record({
    messagesPerSecond: fc.constantFrom(1, 3, 7, 30, 100, 333, 10_000),
    burst: fc.integer({ min: 1, max: 60 }),
    begins: fc.double({ min: 0, max: 1e9, noNaN: true }),
  })

  describe('a send budget', () => {
    test('allows a whole burst at once, and not one more', async () => {
      await fc.assert(
        fc.asyncProperty(rate, async ({ messagesPerSecond, burst, begins }) => {
          const clock = await clockAt(begins)
          const budget = make(clock, { messagesPerSecond, burst, users: 10 })
          expect(takes(budget, burst)).toBe(burst)
          expect(budget.take(ANN)).toBeGreaterThan(0)
        }),
      )
    })

    test('says when the next is available: then it is, and a millisecond earlier it is not', async () => {
      await fc.assert(
        fc.asyncProperty(rate, async ({ messagesPerSecond, burst, begins }) => {
          const clock = await clockAt(begins)
          const budget = make(clock, { messagesPerSecond, burst, users: 10 })
          takes(budget, burst)
          const wait = budget.take(ANN)
          expect(wait).toBeLessThanOrEqual(Math.ceil(1000 / messagesPerSecond) + 1)
          if (wait > 2) {
            await clock.advance(wait - 2)
            expect(budget.take(ANN)).toBeGreaterThan(0)
            await clock.advance(2)
          } else await clock.advance(wait)
          expect(budget.take(ANN)).toBe(0)
        }),
      )
    })

    test('allows in any interval no more than a burst plus the rate, and no less to a patient user', async () => {
      const pauses = fc.array(fc.nat(400), { minLength: 1, maxLength: 200, size: 'max' })
      await fc.assert(
        fc.asyncProperty(pauses, fc.integer({ min: 1, max: 10 }), async (steps, burst) => {
          const clock = new FakeClock()
          const budget = make(clock, { messagesPerSecond: 10, burst, users: 10 })
          const taken: number[] = []
          for (const step of steps) {
            await clock.advance(step)
            if (budget.take(ANN) === 0) taken.push(clock.ticks())
          }
          for (const [i, from] of taken.entries()) {
            for (const [j, to] of taken.entries()) {
              if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(burst + (to - from) / 100 + 0.01)
            }
          }
          await clock.advance(100 * burst)
          expect(takes(budget, burst + 1)).toBe(burst)
        }),
        { numRuns: 40 },
      )
    })

    test('takes nothing if it refuses', async () => {
      const clock = new FakeClock()
      const budget = make(clock, { messagesPerSecond: 10, burst: 1, users: 10 })
      expect(budget.take(ANN)).toBe(0)
      for (let i = 0; i < 100; i++) expect(budget.take(ANN)).toBeGreaterThan(0)
      await clock.advance(100)
      expect(budget.take(ANN)).toBe(0)
    })

    test('returns how many are available now, and allows exactly those', async () => {
      await fc.assert(
        fc.asyncProperty(rate, fc.array(fc.nat(2000), { maxLength: 8 }), async (limits, pauses) => {
          const { messagesPerSecond, burst, begins } = limits
          const clock = await clockAt(begins)
          const budget = make(clock, { messagesPerSecond, burst, users: 10 })
          expect(budget.left(ANN)).toBe(burst)
          for (const [i, pause] of pauses.entries()) {
            const left = budget.left(ANN)
            expect(takes(budget, Math.min(left, i + 1))).toBe(Math.min(left, i + 1))
            expect(budget.left(ANN)).toBe(Math.max(0, left - i - 1))
            await clock.advance(pause)
          }
          const left = budget.left(ANN)
          expect(left).toBeLessThanOrEqual(burst)
          expect(takes(budget, left + 1)).toBe(left)
          expect(budget.left(ANN)).toBe(0)
        }),
      )
    })

    test('is separate for each user', () => {
      const budget = make(new FakeClock(), { messagesPerSecond: 1, burst: 2, users: 100 })
      for (let user = 1; user <= 100; user++) expect(takes(budget, 5, id(user))).toBe(2)
      expect([budget.left(id(1)), budget.left(id(101))]).toEqual([0, 2])
    })
  })
}

const ANN = id(1)

/** How many of `count` are given now. */
function takes(budget: SendBudget, count: number, user: UserId = ANN): number {
  let given = 0
  for (let i = 0; i < count; i++) if (budget.take(user) === 0) given++
  return given
}

async function clockAt(ticks: number): Promise<FakeClock> {
  const clock = new FakeClock()
  await clock.advance(ticks)
  return clock
}
