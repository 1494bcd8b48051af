import { describe, expect, test } from 'bun:test'
import type { SendBudgetOptions } from '../../src/cluster/send-budget.ts'
import { type BudgetLedger, createSharedBudget } from '../../src/cluster/shared-budget.ts'
import type { Clock, UserId } from '../../src/core/index.ts'
import { FakeClock } from '../core/fakes/clock.ts'
import { id } from '../core/fakes/values.ts'
import { sendBudgetContract } from '../ports/send-budget.ts'

const ANN = id(1)
const OPTIONS = { messagesPerSecond: 10, burst: 20, users: 10 }

/** A node that is the only one is held to the same as one without others. */
sendBudgetContract((clock, options) => createSharedBudget(clock, new MemoryLedger(clock, options), options))

/** A node whose ledger never answers, too. */
sendBudgetContract((clock, options) => createSharedBudget(clock, away, options))

describe('budgets that share a ledger', () => {
  test('together give at most one burst each at once, and repay it', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const [one, two] = [
      createSharedBudget(clock, ledger, OPTIONS),
      createSharedBudget(clock, ledger, OPTIONS),
    ]
    for (let i = 0; i < 20; i++) expect([one.take(ANN), two.take(ANN)]).toEqual([0, 0])
    // What one knows of the other is as old as the last message that it let pass.
    await clock.advance(150)
    expect(one.take(ANN)).toBe(0)
    await clock.advance(50)
    // Twenty-one more than there were, of which two have come since: 1.9 seconds until the debt is paid, and a tenth for one more.
    for (const budget of [one, two]) {
      const wait = budget.take(ANN)
      expect(wait).toBeGreaterThan(1800)
      expect(wait).toBeLessThanOrEqual(2100)
      expect(budget.left(ANN)).toBe(0)
    }
    await clock.advance(2100)
    expect(one.take(ANN)).toBe(0)
  })

  test('over a longer time give as much as one budget would', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const nodes = Array.from({ length: 3 }, () => createSharedBudget(clock, ledger, OPTIONS))
    let given = 0
    for (let ms = 0; ms < 60_000; ms += 10) {
      for (const node of nodes) while (node.take(ANN) === 0) given++
      await clock.advance(10)
    }
    const due = 20 + 600
    expect(given).toBeGreaterThan(due * 0.97)
    expect(given).toBeLessThan(due * 1.03)
  })

  test('report nothing about idle users, and each use once', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const budget = createSharedBudget(clock, ledger, OPTIONS)
    await clock.advance(10_000)
    expect([ledger.told, clock.pending]).toEqual([[], 0])
    expect(budget.take(ANN)).toBe(0)
    expect(budget.left(ANN)).toBe(19)
    await clock.advance(10_000)
    expect([ledger.told, clock.pending]).toEqual([[[[ANN, 1]]], 0])
    expect([budget.left(id(2)), budget.left(ANN)]).toEqual([20, 20])
    await clock.advance(1000)
    expect(ledger.told).toHaveLength(1)
  })

  test('report at once when a user has used a tenth of the burst', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const budget = createSharedBudget(clock, ledger, OPTIONS)
    for (let i = 0; i < 2; i++) budget.take(ANN)
    await clock.advance(0)
    expect(ledger.told).toEqual([[[ANN, 2]]])
  })

  test('each count alone while the ledger is unavailable, and together afterwards', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const nodes = [createSharedBudget(clock, ledger, OPTIONS), createSharedBudget(clock, ledger, OPTIONS)]
    ledger.away = true
    for (const node of nodes) {
      for (let i = 0; i < 20; i++) expect(node.take(ANN)).toBe(0)
      expect(node.take(ANN)).toBeGreaterThan(0)
    }
    await clock.advance(5000)
    ledger.away = false
    let given = 0
    for (let ms = 0; ms < 20_000; ms += 10) {
      for (const node of nodes) while (node.take(ANN) === 0) given++
      await clock.advance(10)
    }
    expect(given).toBeGreaterThan(210)
    expect(given).toBeLessThan(231)
  })

  test('stop with the node', async () => {
    const clock = new FakeClock()
    const ledger = new MemoryLedger(clock, OPTIONS)
    const budget = createSharedBudget(clock, ledger, OPTIONS)
    budget.take(ANN)
    budget.close()
    await clock.advance(1000)
    expect([ledger.told, clock.pending, budget.take(ANN)]).toEqual([[], 0, 0])
  })
})

/** Buckets in memory, by the test's clock. */
class MemoryLedger implements BudgetLedger {
  readonly told: (readonly (readonly [UserId, number])[])[] = []
  away = false
  readonly #buckets = new Map<UserId, { tokens: number; at: number }>()
  readonly #clock: Clock
  readonly #options: SendBudgetOptions

  constructor(clock: Clock, options: SendBudgetOptions) {
    this.#clock = clock
    this.#options = options
  }

  async spend(used: readonly (readonly [UserId, number])[]): Promise<ReadonlyMap<UserId, number>> {
    if (this.away) return new Map()
    this.told.push(used)
    const now = this.#clock.ticks()
    const { burst, messagesPerSecond } = this.#options
    return new Map(
      used.map(([user, count]) => {
        const { tokens, at } = this.#buckets.get(user) ?? { tokens: burst, at: now }
        const left = Math.min(burst, tokens + ((now - at) * messagesPerSecond) / 1000) - count
        this.#buckets.set(user, { tokens: left, at: now })
        return [user, left]
      }),
    )
  }
}

const away: BudgetLedger = { spend: async () => new Map() }
