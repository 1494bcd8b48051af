import type { RedisClient } from './clients.ts'
import { headKey, type Shard, streamKey } from './keys.ts'
import { Script } from './scripts.ts'

/** Where a shard's stream is: the epoch that names it, and the number of its latest entry. */
export interface ShardHead {
  readonly epoch: string
  readonly last: number
}

/** Entries that a stream keeps, at least; a reader that falls further behind reads from the database what it missed. */
const KEPT = 1000
/** A stream that nobody writes to is gone after this time, in milliseconds. */
const LIFETIME_MS = 3_600_000

/** The head of a shard; where there is none, after a flush or at the very first, a new epoch begins. */
const LOCATE = new Script(`
local e = redis.call('HGET', KEYS[1], 'e')
if not e then
  e = ARGV[1]
  redis.call('HSET', KEYS[1], 'e', e, 'n', 0)
end
return { e, redis.call('HGET', KEYS[1], 'n') }`)

/** Appends unless the epoch is another by now (then 0). Entries are numbered without a gap, so that a reader notices a loss. */
const APPEND = new Script(`
if redis.call('HGET', KEYS[1], 'e') ~= ARGV[1] then return 0 end
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], n .. '-0', 'o', ARGV[3], 'p', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return n`)

export async function locate(client: RedisClient, space: string, shard: Shard): Promise<ShardHead> {
  const fresh = crypto.getRandomValues(new Uint8Array(8)).toHex()
  const found = await LOCATE.run(client, [headKey(space, shard)], [fresh])
  if (!Array.isArray(found)) throw new Error('Redis answered something else than a head')
  return { epoch: String(found[0]), last: Number(found[1]) }
}

/** @returns the entry's number, or null where the epoch has changed and nothing was appended */
export async function append(
  client: RedisClient,
  space: string,
  shard: Shard,
  epoch: string,
  origin: string,
  payload: string,
): Promise<number | null> {
  const keys = [headKey(space, shard), streamKey(space, shard, epoch)]
  const n = Number(await APPEND.run(client, keys, [epoch, KEPT, origin, payload, LIFETIME_MS]))
  return n === 0 ? null : n
}
