import { headKey, type RedisClient, Script, type Shard, streamKey } from '../connection/index.ts'

/** The end of a shard's stream. */
export interface ShardHead {
  /** The epoch of the stream, a part of its name: after a flush another one begins. */
  readonly epoch: string
  /** The number of the latest entry, and its tag. */
  readonly last: number
  readonly tag: string
}

/** An entry to append. */
export interface Entry {
  /** A tag that no other entry has. */
  readonly tag: string
  readonly payload: string
}

/** The names of an entry's fields. */
export const TAG = 't'
export const BEFORE = 'b'
export const PAYLOAD = 'p'

/** The fewest entries that a stream keeps. A reader that falls further behind reads from the database what it missed. */
const KEPT = 1000
/**
 * The longest that an entry stays, in milliseconds, since its messages may be deleted meanwhile. A reader that falls further behind
 * reads from the database what it missed.
 */
export const ENTRY_MS = 60_000

/** Returns the head of a shard. If there is none, at first and after a flush, begins a new epoch of the stream. */
const LOCATE = new Script(`
local head = redis.call('HMGET', KEYS[1], 'e', 'n', 't')
if head[1] then return { head[1], head[2] or '0', head[3] or '' } end
redis.call('HSET', KEYS[1], 'e', ARGV[1], 'n', 0)
return { ARGV[1], '0', '' }`)

/**
 * Appends an entry; returns 0 if the epoch has changed. Entries are numbered without gaps, and each names the tag of the one before
 * it. So a reader notices a loss even if a failover has set the numbers back and they were given out again.
 *
 * At most once per step (ARGV[5]) it trims the entries that are older than a step: `m` is the last number given out until the time `a`.
 * A stream that is not written to for a step expires. So no entry stays for more than four steps.
 */
const APPEND = new Script(`
local head = redis.call('HMGET', KEYS[1], 'e', 't', 'm', 'a')
if head[1] ~= ARGV[1] then return 0 end
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = tonumber(head[4] or 0)
local kind, how, from = 'MAXLEN', '~', ARGV[2]
if now - at >= tonumber(ARGV[5]) or now < at then
  kind, how, from = 'MINID', '=', tonumber(head[3] or 0) + 1
  redis.call('HSET', KEYS[1], 't', ARGV[3], 'm', n, 'a', now)
else
  redis.call('HSET', KEYS[1], 't', ARGV[3])
end
redis.call('XADD', KEYS[2], kind, how, from, n .. '-0',
  '${TAG}', ARGV[3], '${BEFORE}', head[2] or '', '${PAYLOAD}', ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return n`)

export async function locate(client: RedisClient, space: string, shard: Shard): Promise<ShardHead> {
  const fresh = crypto.getRandomValues(new Uint8Array(8)).toHex()
  const found = await LOCATE.run(client, [headKey(space, shard)], [fresh])
  if (!Array.isArray(found)) throw new Error('unexpected response from Redis: no head of a stream')
  return { epoch: String(found[0]), last: Number(found[1]), tag: String(found[2]) }
}

/** Appends an entry. @param longestMs how long it may stay @returns false if the stream's epoch has changed and nothing was appended */
export async function append(
  client: RedisClient,
  space: string,
  shard: Shard,
  epoch: string,
  { tag, payload }: Entry,
  longestMs = ENTRY_MS,
): Promise<boolean> {
  const keys = [headKey(space, shard), streamKey(space, shard, epoch)]
  return (await APPEND.run(client, keys, [epoch, KEPT, tag, payload, longestMs / 4])) !== 0
}
