import type { RedisClient, Shard } from '../connection/index.ts'
import { append, locate } from './shard-head.ts'

/** The most characters per shard that may wait for Redis. Beyond it they are dropped, and the readers are told of the loss. */
export const WAITING_TEXT = 4_194_304
/** Characters after which an entry ends. With the number of kept entries this bounds the memory of a shard in Redis. */
export const ENTRY_TEXT = 65_536
/** The longest random pause between attempts to tell that something was dropped, in milliseconds. */
const RETRY_MS = 500

/** Stands for a payload that was not written: look in the database. */
export const LOST = ''

/**
 * Writes the entries of one shard. While an entry is being written the next one is collected, so there is one entry per batch, however
 * many messages it has. Items that cannot be written are dropped, since the database has them; the readers are told as soon as possible.
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

  /** @param tagged the prefix of its entries' tags, which no other writer has */
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

  /** The number of characters that wait. */
  get waiting(): number {
    return this.#text
  }

  /** Adds an item. Never throws and never waits. */
  add(item: string): void {
    if (this.#closed) return
    this.#items.push(item)
    this.#text += item.length
    if (this.#text > WAITING_TEXT) this.#drop()
    this.#begin()
  }

  /** Tells the readers that items were not written. */
  lose(): void {
    if (this.#closed) return
    this.#lost = true
    this.#begin()
  }

  /** Resolves once nothing is left to write. */
  written(): Promise<void> {
    if (!this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true
    this.#drop()
    this.#settled()
  }

  #begin(): void {
    if (this.#busy) return
    this.#busy = true
    // At the end of this turn, since a batch of many rooms arrives room by room.
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
      // Reset before the write: what is dropped meanwhile must be told again.
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

  /** Takes as many items as fit one entry, at least one. */
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
      // Redis was flushed since. The readers notice that by themselves.
      this.#epoch = null
    }
  }

  #settled(): void {
    for (const resolve of this.#waiters) resolve()
    this.#waiters = []
  }
}
