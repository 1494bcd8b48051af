import { createMemoryLimiter } from '../../../../src/cluster/local/limiter.ts'
import type { createRedisLimiter as shared } from '../../../../src/cluster/redis/limits/limiter.ts'

/** In place of the limiter that all nodes share. */
export function createRedisLimiter(
  ...[, , clock, options]: Parameters<typeof shared>
): ReturnType<typeof shared> {
  return createMemoryLimiter(clock, options)
}
