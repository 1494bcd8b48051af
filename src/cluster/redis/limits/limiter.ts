import { LRUCache } from 'lru-cache'
import type { Clock, Limiter, LimitScope } from '../../../core/index.ts'
import { type LimiterOptions, limitsOf, taken, WINDOW_MS } from '../../limits.ts'
import { createMemoryLimiter } from '../../local/index.ts'
import { keyspace, type RedisClient, Script } from '../connection/index.ts'

/** The most keys that are remembered to have nothing left. Beyond it Redis is asked again about the oldest one. */
const SPENT = 10_000

/**
 * Takes one if the window has one left. Returns how many are taken then, or -1, and the milliseconds until the window ends. Redis
 * keeps times by the machine's clock: if a window has longer left than windows last, the clock went back, and the window begins anew.
 */
const TAKE = new Script(`
local limit, length = tonumber(ARGV[1]), tonumber(ARGV[2])
local count, left = tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])
if left < 0 or left > length then
  left = length
  redis.call('SET', KEYS[1], count, 'PX', length)
end
if count >= limit then return { -1, left } end
return { redis.call('INCR', KEYS[1]), left }`)

/** Gives one back to the current window, if any was taken in it. */
const GIVE_BACK = new Script(`
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end`)

/**
 * Counts limits that all nodes share, atomically in Redis. While Redis is away each node counts by itself, so that *n* nodes allow
 * *n* times as much. The limit is weaker for a while, but an outage refuses nobody.
 * @param onFailure called each time that Redis could not be asked
 */
export function createRedisLimiter(
  client: RedisClient,
  prefix: string,
  clock: Pick<Clock, 'ticks'>,
  options: LimiterOptions,
  onFailure: (error: unknown) => void,
): Limiter {
  const limits = limitsOf(options)
  const alone = createMemoryLimiter(clock, options)
  /** In the clock's ticks: until when an address has none left. */
  const spent = new LRUCache<string, number>({ max: SPENT })
  const keyOf = (scope: LimitScope, key: string) => `${keyspace(prefix)}:limit:${scope}:${key}`

  /** Returns the milliseconds that an address is known to have to wait. */
  function spentFor(key: string): number {
    return (spent.get(key) ?? 0) - clock.ticks()
  }

  async function takeShared(scope: LimitScope, key: string) {
    const limit = limits[scope]
    const counts = await TAKE.run(client, [keyOf(scope, key)], [limit, WINDOW_MS])
    if (!Array.isArray(counts)) throw new Error('unexpected response from Redis: no list for the limit')
    const [count, left] = counts.map(Number)
    if (count === undefined || left === undefined)
      throw new Error('unexpected response from Redis: the list for the limit is too short')
    // A request is never given back, so this node refuses the rest of the window itself and a flood does not reach Redis.
    if (scope === 'request_address' && (count < 0 || count >= limit)) spent.set(key, clock.ticks() + left)
    return taken(limit, count < 0 ? null : count, left)
  }

  return {
    async take(scope, key) {
      const wait = scope === 'request_address' ? spentFor(key) : 0
      if (wait > 0) return taken(limits[scope], null, wait)
      try {
        return await takeShared(scope, key)
      } catch (error) {
        onFailure(error)
        return alone.take(scope, key)
      }
    },

    async giveBack(scope, key) {
      try {
        await GIVE_BACK.run(client, [keyOf(scope, key)], [])
      } catch (error) {
        onFailure(error)
        await alone.giveBack(scope, key)
      }
    },
  }
}
