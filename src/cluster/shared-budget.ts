import { LRUCache } from 'lru-cache'
import type { Clock, SendBudget, Timer, UserId } from '../core/index.ts'
import { createSendBudget, type SendBudgetOptions } from './send-budget.ts'

/** Milliseconds for which usage is batched before the ledger is told; a user who uses a share of the burst is told of earlier. */
const GATHER_MS = 50
const GATHER_SHARE = 0.1

/** The budgets of users over all nodes. */
export interface BudgetLedger {
  /**
   * Takes from each user's budget what was used, even below zero. Never rejects.
   * @returns what each user holds then, negative for a debt; users that could not be looked up are missing
   */
  spend(used: readonly (readonly [UserId, number])[]): Promise<ReadonlyMap<UserId, number>>
}

/**
 * Keeps the budget of each user over all nodes. A node decides by what it knows, and tells the ledger a moment later what was used. If
 * several nodes together have given more than there was, the user is in debt, and all nodes refuse until it is paid. So the limit
 * holds in the long run, up to what is sent within a moment, and users who send nothing cost nothing. While the ledger is away each
 * node decides alone. What was used meanwhile is not told later, so a user may get more than the limit, but no debt that lasts.
 */
export function createSharedBudget(
  clock: Clock,
  ledger: BudgetLedger,
  options: SendBudgetOptions,
): SendBudget & { close(): void } {
  const local = createSendBudget(clock, options)
  /** What was used since the ledger was last told. */
  const used = new LRUCache<UserId, number>({ max: options.users })
  const most = Math.ceil(options.burst * GATHER_SHARE)
  let timer: Timer | null = null
  let settling = false
  let closed = false

  async function settle(): Promise<void> {
    settling = true
    timer = null
    const batch = [...used]
    used.clear()
    // Usage since the ledger was asked is not yet in its answer.
    for (const [user, left] of await ledger.spend(batch)) local.set(user, left - (used.get(user) ?? 0))
    settling = false
    if (used.size > 0) settleAfter(GATHER_MS)
  }

  function settleAfter(ms: number): void {
    if (settling || closed) return
    if (timer !== null && ms > 0) return
    timer?.cancel()
    timer = clock.after(ms, () => void settle())
  }

  return {
    take(user) {
      const wait = local.take(user)
      if (wait > 0) return wait
      const count = (used.get(user) ?? 0) + 1
      used.set(user, count)
      if (count === 1 || count === most) settleAfter(count < most ? GATHER_MS : 0)
      return 0
    },
    left: (user) => local.left(user),
    close() {
      closed = true
      timer?.cancel()
    },
  }
}
