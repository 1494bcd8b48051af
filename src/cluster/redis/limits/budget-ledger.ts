import type { UserId } from '../../../core/index.ts'
import type { SendBudgetOptions } from '../../send-budget.ts'
import type { BudgetLedger } from '../../shared-budget.ts'
import { keyspace, type RedisClient, Script } from '../connection/index.ts'

/** The number of slots of a Redis Cluster over which the users' buckets are spread. */
const SLOTS = 8
/** Users per script call; Redis runs nothing else meanwhile. */
const PIECE = 200

/**
 * Takes from each user's bucket what was used, even below zero, and returns what each holds. Uses Redis's clock, which all nodes
 * share. A bucket is forgotten a second after it is full.
 */
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

/** Keeps token buckets in Redis. @param name distinguishes the budgets of the same users */
export function createBudgetLedger(
  client: RedisClient,
  prefix: string,
  name: string,
  { messagesPerSecond, burst }: Pick<SendBudgetOptions, 'messagesPerSecond' | 'burst'>,
  onFailure: (error: unknown) => void,
): BudgetLedger {
  async function spendPiece(slot: number, piece: Used): Promise<(readonly [UserId, number])[]> {
    const keys = piece.map(([user]) => `${keyspace(prefix)}:{b${slot}}:${name}:${user}`)
    const counts = piece.map(([, count]) => count)
    try {
      const left = await SPEND.run(client, keys, [burst, messagesPerSecond / 1000, ...counts])
      if (!Array.isArray(left)) throw new Error('unexpected response from Redis: no list of budgets')
      return piece.map(([user], index) => [user, Number(left[index])])
    } catch (error) {
      onFailure(error)
      return []
    }
  }

  return {
    async spend(used) {
      const calls: Promise<(readonly [UserId, number])[]>[] = []
      for (let slot = 0; slot < SLOTS; slot++) {
        const own = used.filter(([user]) => user % SLOTS === slot)
        for (let from = 0; from < own.length; from += PIECE)
          calls.push(spendPiece(slot, own.slice(from, from + PIECE)))
      }
      return new Map((await Promise.all(calls)).flat())
    },
  }
}

type Used = readonly (readonly [UserId, number])[]
