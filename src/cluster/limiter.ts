import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter, LimitScope, Taken } from '../core/index.ts'

export interface LimiterOptions {
  /** Requests a minute and client address. */
  readonly requestsPerMinute: number
  /** Wrong passwords a minute and account; an address has three times that. */
  readonly loginsPerMinute: number
}

/** Points in so many seconds, as the library calls them. */
export function limitsOf(
  scope: LimitScope,
  { requestsPerMinute, loginsPerMinute }: LimiterOptions,
): { points: number; duration: number } {
  const points = {
    request_address: requestsPerMinute,
    login_account: loginsPerMinute,
    login_address: loginsPerMinute * 3,
  }
  return { points: points[scope], duration: 60 }
}

/** The port over the library's limiters, wherever they count. @param make called once a scope */
export function createLimiter(make: (scope: LimitScope) => RateLimiterAbstract): Limiter {
  const scopes: Record<LimitScope, RateLimiterAbstract> = {
    request_address: make('request_address'),
    login_account: make('login_account'),
    login_address: make('login_address'),
  }
  return {
    async take(scope, key) {
      const limiter = scopes[scope]
      try {
        return taken(limiter, await limiter.consume(key), true)
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        // The library counts what it refuses, unless it did so without asking; here only what was given counts.
        if (refused.consumedPoints > 0) await limiter.reward(key)
        return taken(limiter, refused, false)
      }
    },
    async giveBack(scope, key) {
      // Whatever was taken in a window that is over is not owed to this one.
      const window = await scopes[scope].get(key)
      if (window !== null && window.msBeforeNext > 0 && window.consumedPoints > 0)
        await scopes[scope].reward(key)
    },
  }
}

function taken({ points: limit }: RateLimiterAbstract, window: RateLimiterRes, given: boolean): Taken {
  const resetMs = Math.max(1, window.msBeforeNext)
  return { waitMs: given ? 0 : resetMs, limit, left: given ? window.remainingPoints : 0, resetMs }
}
