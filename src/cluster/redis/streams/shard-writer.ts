import type { RedisClient, Shard } from '../connection/index.ts'
import { append, locate } from './shard-head.ts'

/** Characters that may wait for Redis, a shard; past it what waits is dropped, and the readers are told that something is. */
export const WAITING_TEXT = 4_194_304
/** Characters in one entry, after which it ends: with the entries that are kept, this bounds what a shard takes in Redis. */
export const ENTRY_TEXT = 65_536
/** Between attempts to say that something was dropped, in milliseconds: up to this, at random. */
const RETRY_MS = 500

/** In the place of a payload: something was not written, look in the database. */
export const LOST = ''

/**
 * One shard's way out: while an entry is being written the next one gathers, so that there is one a batch, however many
 * messages it has. What can't be written is dropped, since the database has it; the readers are told once that is possible.
 */
export class ShardWriter {
  readonly #client: RedisClient
  readonly #space: string
  readonly #shard: Shard
  readonly #tagged: string
  readonly #onFailure: (error: unknown) => void
  #items: string[] = []
  #text = 0
  #entries = 0
  #epoch: string | null = null
  #busy = false
  #lost = false
  #closed = false
  #waiters: (() => void)[] = []

  /** @param tagged how the tags of its entries begin: unlike any other writer's */
  constructor(
    client: RedisClient,
    space: string,
    shard: Shard,
    tagged: string,
    onFailure: (error: unknown) => void,
  ) {
    this.#client = client
    this.#space = space
    this.#shard = shard
    this.#tagged = tagged
    this.#onFailure = onFailure
  }

  /** Characters that wait. */
  get waiting(): number {
    return this.#text
  }

  /** Never throws, and never waits. */
  add(item: string): void {
    if (this.#closed) return
    this.#items.push(item)
    this.#text += item.length
    if (this.#text > WAITING_TEXT) this.#drop()
    this.#begin()
  }

  /** Somebody's items were not written: tells the readers so. */
  lose(): void {
    if (this.#closed) return
    this.#lost = true
    this.#begin()
  }

  /** Resolves once nothing waits any more. */
  written(): Promise<void> {
    if (!this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** What waits is dropped. */
  close(): void {
    this.#closed = true
    this.#drop()
    this.#settled()
  }

  #begin(): void {
    if (this.#busy) return
    this.#busy = true
    // Once this turn's work is done: a batch of many rooms arrives here room by room.
    queueMicrotask(() => void this.#write())
  }

  #drop(): void {
    if (this.#items.length === 0) return
    this.#items = []
    this.#text = 0
    this.#lost = true
  }

  async #write(): Promise<void> {
    while (!this.#closed && (this.#items.length > 0 || this.#lost)) {
      const payload = this.#lost ? LOST : this.#nextEntry()
      // Before it is said: what is dropped meanwhile has to be said again.
      this.#lost = false
      try {
        await this.#append(payload)
      } catch (error) {
        if (this.#closed) break
        this.#lost = true
        this.#drop()
        this.#onFailure(error)
        await Bun.sleep(Math.random() * RETRY_MS)
      }
    }
    this.#busy = false
    this.#settled()
  }

  /** As many items as fit one entry; at least one. */
  #nextEntry(): string {
    let text = 0
    let count = 0
    while (count < this.#items.length && text < ENTRY_TEXT) text += this.#items[count++]?.length ?? 0
    const taken = count === this.#items.length ? this.#items : this.#items.slice(0, count)
    this.#items = this.#items.slice(count)
    this.#text -= text
    return taken.join(',')
  }

  async #append(payload: string): Promise<void> {
    const entry = { tag: `${this.#tagged}${++this.#entries}`, payload }
    for (;;) {
      this.#epoch ??= (await locate(this.#client, this.#space, this.#shard)).epoch
      if (await append(this.#client, this.#space, this.#shard, this.#epoch, entry)) return
      // Redis was flushed since: the readers notice by themselves.
      this.#epoch = null
    }
  }

  #settled(): void {
    for (const resolve of this.#waiters) resolve()
    this.#waiters = []
  }
}
