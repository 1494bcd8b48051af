import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Limiter } from '../core/index.ts'
import { createLimiter, type LimiterOptions, limitsOf } from './limiter.ts'

/** Limits of one node. A key is forgotten a minute after its window began, so what is kept is bounded by what comes in a minute. */
export function createMemoryLimiter(options: LimiterOptions): Limiter {
  return createLimiter((scope) => new RateLimiterMemory(limitsOf(scope, options)))
}
