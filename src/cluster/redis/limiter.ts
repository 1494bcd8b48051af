import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Limiter, LimitScope } from '../../core/index.ts'
import { createLimiter, type LimiterOptions, limitsOf } from '../limiter.ts'
import type { RedisClient } from './clients.ts'
import { keyspace } from './keys.ts'

/**
 * Limits that all nodes share, counted by Redis in one atomic step. While Redis is away each node counts by itself, so that
 * so many nodes allow so many times as much: a guard that is weaker for a while, rather than a chat that refuses everyone.
 */
export function createRedisLimiter(client: RedisClient, prefix: string, options: LimiterOptions): Limiter {
  return createLimiter((scope: LimitScope) => {
    const limits = limitsOf(scope, options)
    return new RateLimiterRedis({
      storeClient: client,
      keyPrefix: `${keyspace(prefix)}:limit:${scope}`,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(limits),
      // What is never given back is refused until its window is over without asking Redis again: a flood stays on this node.
      ...(scope === 'request_address' ? { inMemoryBlockOnConsumed: limits.points } : {}),
      ...limits,
    })
  })
}
