import type { RedisClient } from './clients.ts'
import { headKey, type Shard, streamKey } from './keys.ts'
import { Script } from './scripts.ts'

/** Where a shard's stream is. */
export interface ShardHead {
  /** It names the stream: after a flush another one begins. */
  readonly epoch: string
  /** The number of the latest entry, and its tag. */
  readonly last: number
  readonly tag: string
}

/** What a writer appends. */
export interface Entry {
  /** Unlike that of any other entry. */
  readonly tag: string
  readonly payload: string
}

/** The names of an entry's fields. */
export const TAG = 't'
export const BEFORE = 'b'
export const PAYLOAD = 'p'

/** Entries that a stream keeps, at least; a reader that falls further behind reads from the database what it missed. */
const KEPT = 1000
/** A stream that nobody writes to is gone after this time, in milliseconds. */
const LIFETIME_MS = 3_600_000

/** The head of a shard; where there is none, after a flush or at the very first, a new epoch begins. */
const LOCATE = new Script(`
local head = redis.call('HMGET', KEYS[1], 'e', 'n', 't')
if head[1] then return { head[1], head[2] or '0', head[3] or '' } end
redis.call('HSET', KEYS[1], 'e', ARGV[1], 'n', 0)
return { ARGV[1], '0', '' }`)

/**
 * Appends unless the epoch is another by now (then 0). Entries are numbered without a gap, and each names the tag of the one
 * before it: so a reader notices a loss even where a failover has set the numbers back and others have been given since.
 */
const APPEND = new Script(`
local head = redis.call('HMGET', KEYS[1], 'e', 't')
if head[1] ~= ARGV[1] then return 0 end
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], n .. '-0',
  '${TAG}', ARGV[3], '${BEFORE}', head[2] or '', '${PAYLOAD}', ARGV[4])
redis.call('HSET', KEYS[1], 't', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return n`)

export async function locate(client: RedisClient, space: string, shard: Shard): Promise<ShardHead> {
  const fresh = crypto.getRandomValues(new Uint8Array(8)).toHex()
  const found = await LOCATE.run(client, [headKey(space, shard)], [fresh])
  if (!Array.isArray(found)) throw new Error('Redis answered something else than a head')
  return { epoch: String(found[0]), last: Number(found[1]), tag: String(found[2]) }
}

/** @returns whether it was; not where the epoch has changed */
export async function append(
  client: RedisClient,
  space: string,
  shard: Shard,
  epoch: string,
  { tag, payload }: Entry,
): Promise<boolean> {
  const keys = [headKey(space, shard), streamKey(space, shard, epoch)]
  return (await APPEND.run(client, keys, [epoch, KEPT, tag, payload, LIFETIME_MS])) !== 0
}
