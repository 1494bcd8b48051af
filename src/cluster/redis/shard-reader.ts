import { BLOCK_MS, type BlockingReader, type RedisClient } from './clients.ts'
import { type Shard, streamKey } from './keys.ts'
import { locate } from './shard-head.ts'
import { LOST } from './shard-writer.ts'

export interface ReaderHandlers {
  /** Items that another node has written, as text. */
  onItems(items: string): void
  /** Something was written to the shard that was not read and will not be: look in the database. */
  onLoss(shard: Shard): void
  onFailure(error: unknown): void
}

/** Entries read at once, a shard. */
const COUNT = 50
/** How often the heads are asked for, in milliseconds: what a flush, a failover or a trim has taken is noticed so. */
const CHECK_MS = 1000
const FIRST_CONNECTION_MS = 2000

/**
 * Reads the shards that are wanted, with one blocking command over one connection. It begins at a concrete number and
 * expects the next one: a jump is a loss (a trim), as is a number that went back (a flush, a failover).
 */
export class ShardReader {
  readonly #reader: BlockingReader
  readonly #commands: RedisClient
  readonly #space: string
  readonly #origin: string
  readonly #handlers: ReaderHandlers
  readonly #wanted = new Map<Shard, Place>()
  #closed = false
  #failing = false
  #wake: () => void = () => undefined
  /** Counts readings, so that whoever wants to interrupt one sees that it is over. */
  #readings = 0
  readonly #check: ReturnType<typeof setInterval>

  constructor(
    reader: BlockingReader,
    commands: RedisClient,
    space: string,
    origin: string,
    handlers: ReaderHandlers,
  ) {
    this.#reader = reader
    this.#commands = commands
    this.#space = space
    this.#origin = origin
    this.#handlers = handlers
    this.#check = setInterval(() => void this.#checkHeads(), CHECK_MS)
    void this.#run()
  }

  /** Whether all that is wanted is being read. */
  get whole(): boolean {
    if (this.#failing) return false
    for (const { at } of this.#wanted.values()) if (at === null) return false
    return true
  }

  /**
   * Resolves once what is written to the shard from now on will be read, or, where Redis is away, at once: it is read from
   * the moment it is back, and then a loss is told. Paired with `forget`.
   */
  async want(shard: Shard): Promise<void> {
    const known = this.#wanted.get(shard)
    if (known !== undefined) {
      known.count++
      await known.opened
      return
    }
    const place: Place = { count: 1, at: null, opened: Promise.resolve() }
    this.#wanted.set(shard, place)
    place.opened = this.#locate(shard, place)
    await place.opened
  }

  forget(shard: Shard): void {
    const place = this.#wanted.get(shard)
    if (place === undefined) return
    place.count--
    if (place.count === 0) this.#wanted.delete(shard)
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#check)
    this.#wake()
    this.#reader.close()
  }

  async #locate(shard: Shard, place: Place): Promise<void> {
    try {
      const head = await locate(this.#commands, this.#space, shard)
      place.at = { epoch: head.epoch, last: head.last }
    } catch (error) {
      this.#fail(error)
      return
    }
    void this.#interrupt()
  }

  async #run(): Promise<void> {
    await this.#reader.ready(FIRST_CONNECTION_MS)
    while (!this.#closed) {
      const places = [...this.#wanted].flatMap(([shard, { at }]) => (at === null ? [] : [{ shard, at }]))
      if (places.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      try {
        await this.#read(places)
        this.#readings++
      } catch (error) {
        this.#readings++
        if (this.#closed) return
        this.#fail(error)
        // With jitter: all nodes have lost the same server.
        await Bun.sleep(20 + Math.random() * 200)
      }
    }
  }

  async #read(places: readonly Reading[]): Promise<void> {
    const keys = places.map(({ shard, at }) => streamKey(this.#space, shard, at.epoch))
    const ids = places.map(({ at }) => `${at.last}-0`)
    const streams = await this.#reader.client.xread(
      'COUNT',
      COUNT,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      ...keys,
      ...ids,
    )
    for (const [key, entries] of streams ?? []) {
      const reading = places[keys.indexOf(key)]
      if (reading === undefined) continue
      for (const [id, fields] of entries) this.#take(reading, Number.parseInt(id, 10), fields)
    }
  }

  #take({ shard, at }: Reading, n: number, fields: readonly string[]): void {
    if (n !== at.last + 1) this.#handlers.onLoss(shard)
    at.last = n
    const [, origin, , payload] = fields
    if (origin === this.#origin || payload === undefined) return
    if (payload === LOST) this.#handlers.onLoss(shard)
    else this.#handlers.onItems(payload)
  }

  async #checkHeads(): Promise<void> {
    const checks = [...this.#wanted].map(async ([shard, place]) => {
      const before = place.at
      const head = await locate(this.#commands, this.#space, shard)
      if (place.at !== before) return
      if (before === null || before.epoch !== head.epoch || head.last < before.last) {
        // All of a new epoch is read; of an old one whose numbers went back, what comes from here on.
        const last = before !== null && before.epoch !== head.epoch ? 0 : head.last
        place.at = { epoch: head.epoch, last }
        this.#handlers.onLoss(shard)
        void this.#interrupt()
      }
    })
    const results = await Promise.allSettled(checks)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) this.#fail(failed.reason)
    else this.#failing = false
  }

  /** Ends the reading under way, so that the next one has all that is wanted. */
  async #interrupt(): Promise<void> {
    this.#wake()
    const reading = this.#readings
    // It may not have begun to block yet.
    for (let attempt = 0; attempt < 20 && this.#readings === reading && !this.#closed; attempt++) {
      try {
        await this.#reader.interrupt()
      } catch (error) {
        // Not allowed to, or away: the reading ends by itself before long.
        this.#handlers.onFailure(error)
        return
      }
      await Bun.sleep(5)
    }
  }

  #fail(error: unknown): void {
    this.#failing = true
    this.#handlers.onFailure(error)
  }
}

interface Place {
  /** How many want the shard. */
  count: number
  /** Where it is read; null while that is not known. */
  at: { readonly epoch: string; last: number } | null
  opened: Promise<void>
}

interface Reading {
  readonly shard: Shard
  readonly at: { readonly epoch: string; last: number }
}
