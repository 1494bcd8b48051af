import { LRUCache } from 'lru-cache'
import type { Clock, SendBudget, UserId } from '../../core/index.ts'
import { createSendBudget, type SendBudgetOptions } from '../send-budget.ts'
import type { RedisClient } from './clients.ts'
import { keyspace } from './keys.ts'
import { Script } from './scripts.ts'

/** How often what was used here is told to Redis, in milliseconds. */
const SYNC_MS = 50
/** Users' buckets are spread over so many slots; one script call each and round. */
const SLOTS = 8

/** Takes what was used since from each user's bucket, into debt if need be, and answers what each holds now. */
const SPEND = new Script(`
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local left = {}
for i, key in ipairs(KEYS) do
  local tokens, at = burst, now
  local state = redis.call('GET', key)
  if state then
    local t, a = string.match(state, '^(%S+) (%S+)$')
    tokens = math.min(burst, tonumber(t) + math.max(0, now - tonumber(a)) * rate)
  end
  tokens = tokens - tonumber(ARGV[2 + i])
  redis.call('SET', key, string.format('%.3f %.3f', tokens, now), 'PX', math.ceil((burst - tokens) / rate) + 1000)
  left[i] = string.format('%.3f', tokens)
end
return left`)

/**
 * The budget of each user over all nodes. Each node decides by what it knows, without asking, and tells Redis a moment
 * later what was used; where several nodes have given more than there was, the user is in debt and all of them wait until
 * it is paid. So in the long run the limit holds to what is sent within a moment. While Redis is away each node decides alone.
 */
export function createRedisSendBudget(
  client: RedisClient,
  prefix: string,
  clock: Pick<Clock, 'ticks'>,
  options: SendBudgetOptions & { readonly name: string },
  onFailure: (error: unknown) => void,
): SendBudget & { close(): void } {
  const local = createSendBudget(clock, options)
  const perMs = options.messagesPerSecond / 1000
  const used = new LRUCache<UserId, number>({ max: options.users })
  let busy = false
  const timer = setInterval(() => void sync(), SYNC_MS)

  async function sync(): Promise<void> {
    if (busy || used.size === 0) return
    busy = true
    const batch = [...used]
    used.clear()
    try {
      const slots = Array.from({ length: SLOTS }, (_, slot) =>
        batch.filter(([user]) => user % SLOTS === slot),
      )
      await Promise.all(slots.map((users, slot) => spend(slot, users)))
    } catch (error) {
      // What was used is not told any more: better given twice than owed for ever.
      onFailure(error)
    } finally {
      busy = false
    }
  }

  async function spend(slot: number, users: readonly (readonly [UserId, number])[]): Promise<void> {
    if (users.length === 0) return
    const keys = users.map(([user]) => `${keyspace(prefix)}:{b${slot}}:${options.name}:${user}`)
    const counts = users.map(([, count]) => count)
    const left = await SPEND.run(client, keys, [options.burst, perMs, ...counts])
    if (!Array.isArray(left)) throw new Error('Redis answered something else than what is left')
    users.forEach(([user], index) => {
      // What has been used meanwhile is not yet in it.
      local.set(user, Number(left[index]) - (used.get(user) ?? 0))
    })
  }

  return {
    take(user) {
      const wait = local.take(user)
      if (wait === 0) used.set(user, (used.get(user) ?? 0) + 1)
      return wait
    },
    close() {
      clearInterval(timer)
    },
  }
}
