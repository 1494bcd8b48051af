import { keyspace, NODE_CLOCK, NODE_TIME, type RedisClient, Script } from '../connection/index.ts'

/** How long a lease lasts, and how often it is renewed. Milliseconds. */
export interface LeaseTimes {
  readonly leaseMs: number
  readonly renewMs: number
}

/** Milliseconds for which buried nodes are remembered, so that a node that was only cut off learns that it was buried. */
const BURIED_MS = 3_600_000

/**
 * Renews a node's lease if the node has one or is new. Returns whether it had one, whether it was buried, and which nodes with expired
 * leases this node has to bury. No other node buries those for the time of a lease; after that another node may.
 */
const RENEW = new Script(`${NODE_TIME}
local lives, dead, buried = KEYS[1], KEYS[2], KEYS[3]
local node, lease, new = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1'
local now = advance(KEYS[4], lease / 2)
local known = redis.call('ZSCORE', lives, node)
if known or new then redis.call('ZADD', lives, now + lease, node) end
for _, each in ipairs(redis.call('ZRANGEBYSCORE', lives, '-inf', now)) do
  redis.call('ZREM', lives, each)
  redis.call('ZADD', dead, now, each)
end
local found = redis.call('ZRANGEBYSCORE', dead, '-inf', now)
for _, each in ipairs(found) do redis.call('ZADD', dead, now + lease, each) end
redis.call('ZREMRANGEBYSCORE', buried, '-inf', now - ARGV[4])
local gone = redis.call('ZSCORE', dead, node) or redis.call('ZSCORE', buried, node)
return { known and 1 or 0, gone and 1 or 0, found }`)

/** Removes a node that holds nothing any more. With '1' it was buried by another node. */
const REMOVE = new Script(`${NODE_TIME}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[2] == '1' then redis.call('ZADD', KEYS[3], advance(KEYS[4], 0), ARGV[1]) end`)

export interface LeaseHandlers {
  /** Tell everything of this node under this name; what other names hold is removed afterwards. */
  tellAll(node: string): Promise<void>
  /** Remove what the name holds. @param own whether it was this node's own name until now */
  undo(node: string, own: boolean): Promise<void>
  /** Other nodes took this one for dead, and announced it. */
  buried(): void
  failure(error: unknown): void
}

/** Keeps which nodes live: each holds a lease. A node that was away comes back under another name, so that nothing of the old one stays. */
export class NodeLease {
  readonly #client: RedisClient
  readonly #keys: readonly string[]
  readonly #handlers: LeaseHandlers
  readonly #base: string
  readonly #times: LeaseTimes
  #name: string | null = null
  #lives = 0
  #doubtful = false
  #healthy = false
  /** Whether other nodes took this one for dead and it has not been told yet. */
  #gone = false
  #renewing: Promise<void> | null = null
  readonly #timer: ReturnType<typeof setInterval>

  constructor(client: RedisClient, prefix: string, node: string, times: LeaseTimes, handlers: LeaseHandlers) {
    this.#client = client
    this.#keys = ['lives', 'dead', 'buried', NODE_CLOCK].map((name) => `${keyspace(prefix)}:{nodes}:${name}`)
    this.#base = node
    this.#times = times
    this.#handlers = handlers
    this.#timer = setInterval(() => void this.renew(), times.renewMs)
  }

  /** The name under which this node holds things; null until it has a lease. */
  get name(): string | null {
    return this.#name
  }

  /** Whether the last renewal succeeded, so that Redis can be read and written. */
  get healthy(): boolean {
    return this.#healthy
  }

  /** Something of this node could not be told to Redis. Tells everything anew when Redis is back. */
  doubt(): void {
    this.#doubtful = true
  }

  /** Renews at once, or joins the renewal that is under way. Never rejects. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  /** Gives the lease up. Never rejects; if Redis is away, the lease expires for the others. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    const name = this.#name
    this.#name = null
    if (name === null) return
    try {
      await this.#handlers.undo(name, true)
      await REMOVE.run(this.#client, this.#keys, [name, '0'])
    } catch (error) {
      this.#handlers.failure(error)
    }
  }

  async #renewOnce(): Promise<void> {
    try {
      const { known, gone, found } = await this.#renew(this.#name ?? '', false)
      this.#gone ||= gone
      if (!known || this.#doubtful) await this.#begin()
      this.#healthy = true
      if (this.#gone) this.#handlers.buried()
      this.#gone = false
      for (const node of found) {
        await this.#handlers.undo(node, false)
        await REMOVE.run(this.#client, this.#keys, [node, '1'])
      }
    } catch (error) {
      this.#healthy = false
      this.#handlers.failure(error)
    }
  }

  /** Begins under another name: takes the lease, then tells what it holds, then removes what the old name holds. */
  async #begin(): Promise<void> {
    const old = this.#name
    const name = `${this.#base}.${++this.#lives}`
    await this.#renew(name, true)
    this.#name = name
    this.#doubtful = false
    try {
      await this.#handlers.tellAll(name)
    } catch (error) {
      this.#doubtful = true
      throw error
    }
    if (old === null) return
    await this.#handlers.undo(old, true)
    await REMOVE.run(this.#client, this.#keys, [old, '0'])
  }

  async #renew(name: string, isNew: boolean): Promise<{ known: boolean; gone: boolean; found: string[] }> {
    const args = [name, this.#times.leaseMs, isNew ? '1' : '0', BURIED_MS]
    const renewed = await RENEW.run(this.#client, this.#keys, args)
    if (!Array.isArray(renewed)) throw new Error('unexpected response from Redis: no list for the lease')
    const [known, gone, found] = renewed
    return { known: known === 1, gone: gone === 1, found: Array.isArray(found) ? found.map(String) : [] }
  }
}
