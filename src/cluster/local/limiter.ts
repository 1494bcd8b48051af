import { LRUCache } from 'lru-cache'
import type { Clock, Limiter, LimitScope } from '../../core/index.ts'
import { type LimiterOptions, limitsOf, taken, WINDOW_MS } from '../limits.ts'

/** The most keys that are remembered, over all scopes. Beyond it the least recently used key is forgotten and gets a new window. */
const KEYS = 100_000

/**
 * Counts the limits of one node. Windows are measured in the clock's ticks, so setting the machine's clock does not change them.
 */
export function createMemoryLimiter(clock: Pick<Clock, 'ticks'>, options: LimiterOptions): Limiter {
  const limits = limitsOf(options)
  const windows = new LRUCache<string, Window>({ max: KEYS })

  function current(scope: LimitScope, key: string): Window | null {
    const window = windows.get(`${scope} ${key}`)
    return window === undefined || window.endsAt <= clock.ticks() ? null : window
  }

  function begin(scope: LimitScope, key: string): Window {
    const window = { count: 0, endsAt: clock.ticks() + WINDOW_MS }
    windows.set(`${scope} ${key}`, window)
    return window
  }

  return {
    async take(scope, key) {
      const limit = limits[scope]
      const window = current(scope, key) ?? begin(scope, key)
      const resetMs = window.endsAt - clock.ticks()
      if (window.count >= limit) return taken(limit, null, resetMs)
      window.count++
      return taken(limit, window.count, resetMs)
    },

    async giveBack(scope, key) {
      // What was taken in a window that is over is not given back to this one.
      const window = current(scope, key)
      if (window !== null && window.count > 0) window.count--
    },
  }
}

interface Window {
  count: number
  /** In the clock's ticks. */
  readonly endsAt: number
}
