import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter, LimitScope } from '../core/index.ts'

export interface LimiterOptions {
  /** Requests a minute and client address. */
  readonly requestsPerMinute: number
  /** Wrong passwords a minute and account; an address has three times that. */
  readonly loginsPerMinute: number
}

/** Limits of one node. A key is forgotten a minute after its window began, so what is kept is bounded by what comes in a minute. */
export function createMemoryLimiter({ requestsPerMinute, loginsPerMinute }: LimiterOptions): Limiter {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: 60 })
  const scopes: Record<LimitScope, RateLimiterMemory> = {
    request_address: perMinute(requestsPerMinute),
    login_account: perMinute(loginsPerMinute),
    login_address: perMinute(loginsPerMinute * 3),
  }
  return {
    async take(scope, key) {
      try {
        await scopes[scope].consume(key)
        return 0
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        // The library counts what it refuses; here only what was given counts.
        await scopes[scope].reward(key)
        return Math.max(1, refused.msBeforeNext)
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
