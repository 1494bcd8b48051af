import { LRUCache } from 'lru-cache'
import type { Clock, SendBudget, Timer, UserId } from '../core/index.ts'
import { createSendBudget, type SendBudgetOptions } from './send-budget.ts'

/** How long what was used gathers before the others are told, in milliseconds; of one user no more than a share of the burst. */
const GATHER_MS = 50
const GATHER_SHARE = 0.1

/** What all nodes know together of their users' budgets. */
export interface BudgetLedger {
  /**
   * Takes what was used from each user's budget, into debt if need be. Never rejects.
   * @returns what each holds then, negative where it is a debt; without those who could not be asked about
   */
  spend(used: readonly (readonly [UserId, number])[]): Promise<ReadonlyMap<UserId, number>>
}

/**
 * The budget of each user over all nodes. Each node decides by what it knows, without asking, and tells the ledger a moment
 * later what was used; where several nodes have given more than there was, the user is in debt and all of them wait until
 * it is paid. So in the long run the limit holds to what is sent within a moment, and nothing is told of who sends nothing.
 * While the ledger is away each node decides alone; what was used meanwhile is not told later: better given twice than
 * owed for ever.
 */
export function createSharedBudget(
  clock: Clock,
  ledger: BudgetLedger,
  options: SendBudgetOptions,
): SendBudget & { close(): void } {
  const local = createSendBudget(clock, options)
  /** Since the ledger was last told. */
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
    // What has been used since it was asked is not yet in it.
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
