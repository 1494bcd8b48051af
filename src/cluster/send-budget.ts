import { LRUCache } from 'lru-cache'
import type { Clock, SendBudget, UserId } from '../core/index.ts'

export interface SendBudgetOptions {
  readonly messagesPerSecond: number
  /** Messages that may be sent at once after a pause. */
  readonly burst: number
  /** The most users that are remembered. Beyond it the least recently active one is forgotten, and so gets a new burst. */
  readonly users: number
}

/** The budget of one node, which can be corrected by what other nodes know of a user. */
export interface LocalSendBudget extends SendBudget {
  /** Sets what the user may send now; negative is a debt. */
  set(user: UserId, tokens: number): void
}

/**
 * Keeps a token bucket per user, which holds a burst and fills at the rate. Not a library's limiter: those make a promise per call, and
 * this one is called for each message.
 */
export function createSendBudget(clock: Pick<Clock, 'ticks'>, options: SendBudgetOptions): LocalSendBudget {
  const perMs = options.messagesPerSecond / 1000
  const buckets = new LRUCache<UserId, Bucket>({ max: options.users })

  function fill(bucket: Bucket): number {
    const now = clock.ticks()
    bucket.tokens = Math.min(options.burst, bucket.tokens + (now - bucket.at) * perMs)
    bucket.at = now
    return bucket.tokens
  }

  return {
    take(user) {
      const bucket = buckets.get(user)
      if (bucket === undefined) {
        buckets.set(user, { tokens: options.burst - 1, at: clock.ticks() })
        return 0
      }
      const tokens = fill(bucket)
      if (tokens < 1 - ROUNDING) return Math.ceil((1 - tokens) / perMs)
      bucket.tokens = Math.max(0, tokens - 1)
      return 0
    },
    left(user) {
      const bucket = buckets.peek(user)
      return bucket === undefined ? options.burst : Math.max(0, Math.floor(fill(bucket) + ROUNDING))
    },
    set(user, tokens) {
      buckets.set(user, { tokens, at: clock.ticks() })
    },
  }
}

/** Tolerates the rounding of summed fractions of a token. */
const ROUNDING = 1e-6

interface Bucket {
  tokens: number
  /** In the clock's ticks: when it was last filled. */
  at: number
}
