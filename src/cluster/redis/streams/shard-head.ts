import { headKey, type RedisClient, Script, type Shard, streamKey } from '../connection/index.ts'

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
/**
 * The longest that an entry stays, in milliseconds: messages that are in it may be deleted meanwhile. A reader that falls
 * further behind reads from the database what it missed.
 */
export const ENTRY_MS = 60_000

/** The head of a shard; where there is none, after a flush or at the very first, a new epoch begins. */
const LOCATE = new Script(`
local head = redis.call('HMGET', KEYS[1], 'e', 'n', 't')
if head[1] then return { head[1], head[2] or '0', head[3] or '' } end
redis.call('HSET', KEYS[1], 'e', ARGV[1], 'n', 0)
return { ARGV[1], '0', '' }`)

/**
 * Appends unless the epoch is another by now (then 0). Entries are numbered without a gap, and each names the tag of the one
 * before it: so a reader notices a loss even where a failover has set the numbers back and others have been given since.
 *
 * At most once a step (ARGV[5]) what was there a step ago is trimmed away: `m` is the last number that was given by the time
 * `a`. A stream that nobody writes to for a step is gone. So nothing stays for more than four steps, whoever reads or writes.
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
  if (!Array.isArray(found)) throw new Error('Redis answered something else than a head')
  return { epoch: String(found[0]), last: Number(found[1]), tag: String(found[2]) }
}

/** @param longestMs that it stays. @returns whether it was appended; not where the epoch has changed */
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
