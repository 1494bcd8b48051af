import { LRUCache } from 'lru-cache'
import type { Clock, SendBudget, UserId } from '../core/index.ts'

export interface SendBudgetOptions {
  readonly messagesPerSecond: number
  /** Messages that may come at once after a pause. */
  readonly burst: number
  /** Users remembered; past it the one silent longest is forgotten, which gives them a fresh burst. */
  readonly users: number
}

/**
 * The generic cell rate algorithm (ITU-T I.371): one number a user, the time at which their bucket would be empty again.
 * Written here because the libraries' limiters make a promise for each question, and this one is asked for each message.
 */
export function createSendBudget(clock: Pick<Clock, 'ticks'>, options: SendBudgetOptions): SendBudget {
  const interval = 1000 / options.messagesPerSecond
  const tolerance = interval * (options.burst - 1)
  const emptyAt = new LRUCache<UserId, number>({ max: options.users })
  return {
    take(user) {
      const now = clock.ticks()
      const at = Math.max(now, emptyAt.get(user) ?? 0)
      const early = at - tolerance - now
      if (early > 0) return Math.ceil(early)
      emptyAt.set(user, at + interval)
      return 0
    },
  }
}
