import type { BlockingReader, RedisClient, Shard } from '../connection/index.ts'
import { locate, type ShardHead } from './shard-head.ts'
import { type ReadEntry, readStreams, type StreamPosition } from './shard-streams.ts'
import { LOST } from './shard-writer.ts'

export interface ReaderHandlers {
  /** Items that another node has written, as text. Must not throw. */
  onItems(shard: Shard, items: string): void
  /** Something was written to the shard that was not read and will not be: look in the database. Must not throw. */
  onLoss(shard: Shard): void
  onFailure(error: unknown): void
}

/** How often the heads are asked for, in milliseconds: what a flush, a failover or a trim has taken is noticed so. */
const CHECK_MS = 500
const FIRST_CONNECTION_MS = 2000
/** Attempts to end a reading, and the milliseconds between them; without success it ends by itself before long. */
const INTERRUPTS = 20
const INTERRUPT_MS = 5

/**
 * Reads the shards that are wanted, with one blocking command over one connection. It begins at a concrete number, and
 * expects of each entry that it follows the one before: a jump is a loss (a trim), as is an entry that follows another one
 * than was read (a failover to a server that lacked some).
 */
export class ShardReader {
  readonly #reader: BlockingReader
  readonly #commands: RedisClient
  readonly #space: string
  readonly #tagged: string
  readonly #handlers: ReaderHandlers
  readonly #wanted = new Map<Shard, Wanted>()
  readonly #timer: ReturnType<typeof setInterval>
  #closed = false
  /** Whether reading, or asking for the heads, has failed and not succeeded since. */
  #unread = false
  #unknown = false
  #checking = false
  #wake: () => void = () => undefined
  /** What is being read now. */
  #reading: readonly StreamPosition[] | null = null

  /** @param tagged how the tags of this node's own entries begin, which are passed over */
  constructor(
    reader: BlockingReader,
    commands: RedisClient,
    space: string,
    tagged: string,
    handlers: ReaderHandlers,
  ) {
    this.#reader = reader
    this.#commands = commands
    this.#space = space
    this.#tagged = tagged
    this.#handlers = handlers
    this.#timer = setInterval(() => void this.#check(), CHECK_MS)
    void this.#run()
  }

  /** Whether all that is wanted is being read. */
  get whole(): boolean {
    // Where nothing is wanted nothing is tried, and what failed last says nothing.
    if (this.#wanted.size === 0) return true
    if (this.#unread || this.#unknown) return false
    for (const { position } of this.#wanted.values()) if (position === null) return false
    return true
  }

  /**
   * Resolves once what is written to the shard from now on will be read, or, where Redis is away, at once or after the time
   * of a command: it is read from the moment it is back, and then a loss is told. Paired with `forget`.
   */
  async want(shard: Shard): Promise<void> {
    const known = this.#wanted.get(shard)
    if (known !== undefined) {
      known.count++
      await known.opened
      return
    }
    const wanted: Wanted = { count: 1, position: null, opened: Promise.resolve() }
    this.#wanted.set(shard, wanted)
    // Where Redis is away, the next check that finds it begins to read.
    if (this.#unknown) return
    wanted.opened = this.#open(shard, wanted)
    await wanted.opened
  }

  forget(shard: Shard): void {
    const wanted = this.#wanted.get(shard)
    if (wanted === undefined) return
    wanted.count--
    if (wanted.count === 0) this.#wanted.delete(shard)
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    this.#wake()
    this.#reader.close()
  }

  async #open(shard: Shard, wanted: Wanted): Promise<void> {
    try {
      const head = await locate(this.#commands, this.#space, shard)
      // A check may have been faster; it has told of a loss, so that nothing is missed either way.
      if (wanted.position !== null) return
      this.#readFrom(shard, wanted, head)
    } catch (error) {
      this.#unknown = true
      this.#fail(error)
    }
  }

  #readFrom(shard: Shard, wanted: Wanted, { epoch, last, tag }: ShardHead): void {
    wanted.position = { shard, epoch, last, tag, stuckAt: null }
    void this.#interrupt(wanted.position)
  }

  async #run(): Promise<void> {
    await this.#reader.ready(FIRST_CONNECTION_MS)
    while (!this.#closed) {
      const positions = [...this.#wanted.values()].flatMap(({ position }) => position ?? [])
      if (positions.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      try {
        this.#reading = positions
        // After a failure without waiting for anything to read, so that the success is known at once.
        await readStreams(this.#reader.client, this.#space, positions, !this.#unread, (position, entry) =>
          this.#take(position, entry),
        )
        this.#reading = null
        this.#unread = false
      } catch (error) {
        this.#reading = null
        this.#unread = true
        this.#fail(error)
        // With jitter: all nodes have lost the same server.
        if (!this.#closed) await Bun.sleep(20 + Math.random() * 100)
      }
    }
  }

  #take(position: StreamPosition, { n, tag, before, payload }: ReadEntry): void {
    // Since it was asked for, the shard may have been forgotten, or be read from elsewhere.
    if (this.#closed || this.#wanted.get(position.shard)?.position !== position) return
    const follows = n === position.last + 1 && before === position.tag
    position.last = n
    position.tag = tag
    if (!follows) this.#handlers.onLoss(position.shard)
    if (tag.startsWith(this.#tagged)) return
    if (payload === LOST) this.#handlers.onLoss(position.shard)
    else this.#handlers.onItems(position.shard, payload)
  }

  async #check(): Promise<void> {
    if (this.#checking) return
    this.#checking = true
    const checks = [...this.#wanted].map(([shard, wanted]) => this.#compare(shard, wanted))
    const results = await Promise.allSettled(checks)
    this.#checking = false
    const failed = results.find((result) => result.status === 'rejected')
    this.#unknown = failed !== undefined
    if (failed !== undefined) this.#fail(failed.reason)
  }

  /** Looks whether what is read still leads to where the shard is. */
  async #compare(shard: Shard, wanted: Wanted): Promise<void> {
    const before = wanted.position === null ? null : { ...wanted.position }
    const { position } = wanted
    const head = await locate(this.#commands, this.#space, shard)
    if (this.#closed || wanted.position !== position || this.#wanted.get(shard) !== wanted) return
    if (position !== null && before !== null && head.epoch === before.epoch) {
      const stands = position.last === before.last
      const wentBack = head.last < before.last
      const writtenOver = head.last === before.last && head.tag !== before.tag
      // Twice at the same position with more to come: it can't be read any more, or the reader would have by now.
      const behind = head.last > before.last && stands && this.#reading?.includes(position) === true
      const stuck = behind && position.stuckAt === position.last
      position.stuckAt = behind ? position.last : null
      if (!wentBack && !writtenOver && !stuck) return
    }
    const isNew = before !== null && head.epoch !== before.epoch
    // All of a new epoch is read; else what comes from here on.
    this.#readFrom(shard, wanted, isNew ? { epoch: head.epoch, last: 0, tag: '' } : head)
    this.#handlers.onLoss(shard)
  }

  /** Ends the reading under way where it lacks the position, so that the next one has all that is wanted. */
  async #interrupt(position: StreamPosition): Promise<void> {
    this.#wake()
    for (let attempt = 0; attempt < INTERRUPTS; attempt++) {
      if (this.#closed || this.#reading === null || this.#reading.includes(position)) return
      // Where that is not allowed, or Redis is away, the reading ends by itself.
      if (await this.#reader.interrupt().catch(() => true)) return
      // It has not begun to block yet.
      await Bun.sleep(INTERRUPT_MS)
    }
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#handlers.onFailure(error)
  }
}

interface Wanted {
  /** How many want the shard. */
  count: number
  /** null while it is not known where the shard is. */
  position: StreamPosition | null
  opened: Promise<void>
}
