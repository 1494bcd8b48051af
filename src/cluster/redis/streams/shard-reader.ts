import type { BlockingReader, RedisClient, Shard } from '../connection/index.ts'
import { locate, type ShardHead } from './shard-head.ts'
import { type ReadEntry, readStreams, type StreamPosition } from './shard-streams.ts'
import { LOST } from './shard-writer.ts'

export interface ReaderHandlers {
  /** Takes items that another node has written, as text. Must not throw. */
  onItems(shard: Shard, items: string): void
  /** Entries of the shard were lost for this reader: look in the database. Must not throw. */
  onLoss(shard: Shard): void
  onFailure(error: unknown): void
}

/** Milliseconds between two checks of the heads, which notice what a flush, a failover or a trim has removed. */
const CHECK_MS = 500
const FIRST_CONNECTION_MS = 2000
/** Attempts to interrupt a read, and the milliseconds between them. Without success the read ends by itself before long. */
const INTERRUPTS = 20
const INTERRUPT_MS = 5

/**
 * Reads the wanted shards with one blocking command over one connection. It begins at a concrete number, and expects each entry to
 * follow the one before. A jump is a loss (a trim), and so is an entry that names another predecessor than was read (a failover to a
 * server that lagged).
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
  /** Whether reading or checking the heads has failed and not succeeded since. */
  #unread = false
  #unknown = false
  #checking = false
  #wake: () => void = () => undefined
  /** The shards that are being read. */
  #reading: readonly StreamPosition[] | null = null

  /** @param tagged the prefix of the tags of this node's own entries, which are skipped */
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

  /** Whether all wanted shards are being read. */
  get whole(): boolean {
    // If no shard is wanted nothing is tried, so the last failure says nothing.
    if (this.#wanted.size === 0) return true
    if (this.#unread || this.#unknown) return false
    for (const { position } of this.#wanted.values()) if (position === null) return false
    return true
  }

  /**
   * Reads a shard. Resolves once all that is written to it from now on will be read. If Redis is away, resolves at once or after the
   * time-out of a command; the shard is then read when Redis is back, and a loss is told. Paired with `forget`.
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
    // If Redis is away, the next check that succeeds begins to read.
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
      // A check may have been faster. It has told of a loss, so nothing is missed either way.
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
        // After a failure it does not block, so that the success is known at once.
        await readStreams(this.#reader.client, this.#space, positions, !this.#unread, (position, entry) =>
          this.#take(position, entry),
        )
        this.#reading = null
        this.#unread = false
      } catch (error) {
        this.#reading = null
        this.#unread = true
        this.#fail(error)
        // Jittered, since all nodes have lost the same server.
        if (!this.#closed) await Bun.sleep(20 + Math.random() * 100)
      }
    }
  }

  #take(position: StreamPosition, { n, tag, before, payload }: ReadEntry): void {
    // Meanwhile the shard may have been forgotten, or be read from another position.
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

  /** Checks that the reader's positions still lead to the heads of the shards. */
  async #compare(shard: Shard, wanted: Wanted): Promise<void> {
    const before = wanted.position === null ? null : { ...wanted.position }
    const { position } = wanted
    const head = await locate(this.#commands, this.#space, shard)
    if (this.#closed || wanted.position !== position || this.#wanted.get(shard) !== wanted) return
    if (position !== null && before !== null && head.epoch === before.epoch) {
      const stands = position.last === before.last
      const wentBack = head.last < before.last
      const writtenOver = head.last === before.last && head.tag !== before.tag
      // Two checks found more to read at the same position: it can no longer be read, or the reader would have moved on.
      const behind = head.last > before.last && stands && this.#reading?.includes(position) === true
      const stuck = behind && position.stuckAt === position.last
      position.stuckAt = behind ? position.last : null
      if (!wentBack && !writtenOver && !stuck) return
    }
    const isNew = before !== null && head.epoch !== before.epoch
    // A new epoch is read from its start, otherwise from the head.
    this.#readFrom(shard, wanted, isNew ? { epoch: head.epoch, last: 0, tag: '' } : head)
    this.#handlers.onLoss(shard)
  }

  /** Interrupts the read under way if it lacks the position, so that the next one reads all wanted shards. */
  async #interrupt(position: StreamPosition): Promise<void> {
    this.#wake()
    for (let attempt = 0; attempt < INTERRUPTS; attempt++) {
      if (this.#closed || this.#reading === null || this.#reading.includes(position)) return
      // If that is not permitted, or Redis is away, the read ends by itself.
      if (await this.#reader.interrupt().catch(() => true)) return
      // The read has not begun to block yet.
      await Bun.sleep(INTERRUPT_MS)
    }
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#handlers.onFailure(error)
  }
}

interface Wanted {
  /** The number of listeners that want the shard. */
  count: number
  /** null while the shard's head is not known. */
  position: StreamPosition | null
  opened: Promise<void>
}
