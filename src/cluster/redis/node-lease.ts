import type { RedisClient } from './clients.ts'
import { keyspace } from './keys.ts'
import { Script } from './scripts.ts'

/** How long a node counts after it last said that it lives, in milliseconds, and how often it says so. */
const LEASE_MS = 10_000
const RENEW_MS = 2500

/**
 * Renews a node's lease; answers whether it had none (it is new, or Redis was flushed), and whose leases are over.
 * By Redis's clock, which all nodes share.
 */
const RENEW = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return {
  known and 0 or 1,
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now) }`)

export interface LeaseHandlers {
  /** All that this node has told of itself is to be told under this name; what was told under the old one ends with it. */
  renamed(node: string): void
  /** A node has died, and this one is to tidy up after it. */
  died(node: string): Promise<void>
  failure(error: unknown): void
}

/** Which nodes live: each holds a lease. A node that was away comes back under another name, so that nothing of it is left. */
export class NodeLease {
  readonly #client: RedisClient
  readonly #key: string
  readonly #handlers: LeaseHandlers
  readonly #base: string
  #name: string
  #lives = 0
  #doubtful = true
  #busy = false
  readonly #timer: ReturnType<typeof setInterval>

  constructor(client: RedisClient, prefix: string, node: string, handlers: LeaseHandlers) {
    this.#client = client
    this.#key = `${keyspace(prefix)}:nodes`
    this.#base = node
    this.#name = node
    this.#handlers = handlers
    this.#timer = setInterval(() => void this.renew(), RENEW_MS)
  }

  get name(): string {
    return this.#name
  }

  /** Something of this node could not be told to Redis: it is all told anew when Redis is back. */
  doubt(): void {
    this.#doubtful = true
  }

  async renew(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      if (this.#doubtful) await this.#rename()
      const { known, dead } = await this.#renewLease()
      if (!known && !this.#doubtful) this.#doubtful = true
      for (const node of dead) {
        // Of all that notice, one does it.
        if ((await this.#client.zrem(this.#key, node)) === 1) await this.#handlers.died(node)
      }
    } catch (error) {
      this.#handlers.failure(error)
    } finally {
      this.#busy = false
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#client.zrem(this.#key, this.#name).catch(this.#handlers.failure)
    await this.#handlers.died(this.#name).catch(this.#handlers.failure)
  }

  async #rename(): Promise<void> {
    const old = this.#name
    const name = `${this.#base}.${++this.#lives}`
    this.#name = name
    await this.#renewLease()
    this.#doubtful = false
    this.#handlers.renamed(name)
    await this.#client.zrem(this.#key, old)
    await this.#handlers.died(old)
  }

  async #renewLease(): Promise<{ known: boolean; dead: string[] }> {
    const answer = await RENEW.run(this.#client, [this.#key], [this.#name, LEASE_MS])
    if (!Array.isArray(answer)) throw new Error('Redis answered something else than the nodes')
    const [unknown, dead] = answer
    return { known: unknown === 0, dead: Array.isArray(dead) ? dead.map(String) : [] }
  }
}
