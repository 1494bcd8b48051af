import type { RedisClient } from './clients.ts'
import type { Shard } from './keys.ts'
import { append, locate } from './shard-head.ts'

/** Characters that may wait for Redis, a shard; past it what waits is dropped, and the readers are told that something is. */
const WAITING_TEXT = 4_194_304
/** Characters in one entry, after which it ends. */
const ENTRY_TEXT = 262_144
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
  readonly #origin: string
  readonly #onFailure: (error: unknown) => void
  #items: string[] = []
  #text = 0
  #epoch: string | null = null
  #busy = false
  #lost = false
  #closed = false

  constructor(
    client: RedisClient,
    space: string,
    shard: Shard,
    origin: string,
    onFailure: (error: unknown) => void,
  ) {
    this.#client = client
    this.#space = space
    this.#shard = shard
    this.#origin = origin
    this.#onFailure = onFailure
  }

  /** Whether something was dropped that the readers have not been told of. */
  get lost(): boolean {
    return this.#lost
  }

  add(item: string): void {
    if (this.#closed) return
    this.#items.push(item)
    this.#text += item.length
    if (this.#text > WAITING_TEXT) this.#drop()
    if (this.#busy) return
    this.#busy = true
    // Once this turn's work is done: a batch of many rooms arrives here room by room.
    queueMicrotask(() => void this.#write())
  }

  close(): void {
    this.#closed = true
    this.#drop()
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
      try {
        await this.#append(payload)
        if (payload === LOST) this.#lost = false
      } catch (error) {
        this.#lost = true
        this.#onFailure(error)
        this.#drop()
        await Bun.sleep(Math.random() * RETRY_MS)
      }
    }
    this.#busy = false
  }

  /** As many items as fit one entry; at least one. */
  #nextEntry(): string {
    let text = 0
    let count = 0
    while (count < this.#items.length && text < ENTRY_TEXT) text += this.#items[count++]?.length ?? 0
    const taken = this.#items.slice(0, count)
    this.#items = this.#items.slice(count)
    this.#text -= text
    return taken.join(',')
  }

  async #append(payload: string): Promise<void> {
    for (;;) {
      this.#epoch ??= (await locate(this.#client, this.#space, this.#shard)).epoch
      const n = await append(this.#client, this.#space, this.#shard, this.#epoch, this.#origin, payload)
      if (n !== null) return
      // Redis was flushed since: the readers notice by themselves.
      this.#epoch = null
    }
  }
}
