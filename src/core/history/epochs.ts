import { batchLookUps } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { Clock, Epoch, EpochLedger, SeenChange, Timer } from '../ports.ts'

/** Milliseconds between two looks. If something is suspected the next one comes sooner, but never at once after the last. */
const LOOK_MS = 1000
const HURRIED_MS = 100
/** Milliseconds after which an idle node writes a beat all the same, so that rows of living nodes are never old. */
const IDLE_WRITE_MS = 3_600_000
/** The most other nodes whose beats are remembered. */
const KNOWN_NODES = 1000

export interface EpochHandlers {
  /**
   * Another epoch has begun: the database may lack what was read from it before. Synchronous.
   * @param proof why it began, for the operator
   */
  rewritten(from: string, to: string, proof: string): void
  /** The database was away, or its server is another one. Compares the rooms of this node with it. */
  compare(): Promise<void>
  /** A look failed although the database is not away, and the look before had succeeded. */
  failed(error: unknown): void
}

/**
 * Watches whether the database still has the history that this node and its clients have seen. It lacks a part of it after an older
 * backup was restored or a standby that lagged was promoted; numbers are then given out a second time.
 *
 * A restore takes the database back to an earlier state. So all that a node has seen is safe as soon as something that the node wrote
 * later is found in the database. In each second in which it saw anything new, a node therefore writes its next beat, to a row that
 * only it writes. A beat that is gone proves a rewrite, however much was written since. For what was seen after the last beat the rooms
 * are the proof: a room has a lower number than before, or has given a number to another message.
 *
 * A node with proof begins another epoch, in the database and for every node. Clients keep a mark of the history with each position:
 * the epoch and the last beat of the node that they are connected to.
 */
export class Epochs {
  readonly #ledger: EpochLedger
  readonly #clock: Clock
  readonly #node: string
  #handlers: EpochHandlers | null = null
  #epoch: Epoch = { number: 0, name: '' }
  #name = ''
  #mark = ''
  /** The last beat that is known to be written, and the last one that this node tried to write. */
  #written = 0
  #tried = 0
  #writtenAt = Number.NEGATIVE_INFINITY
  #moved = true
  #seen: SeenChange | null = null
  #server = 0
  /** Whether the database may have gone back since the rooms were compared with it. */
  #unsure = false
  #failing = false
  #timer: Timer | null = null
  #looking = false
  #again = false
  #stopped = false
  /** Beats of other nodes that are known to belong to this epoch. */
  readonly #known = new Map<string, number>()
  readonly #beatOf: (node: string) => Promise<number>

  private constructor(ledger: EpochLedger, clock: Clock) {
    this.#ledger = ledger
    this.#clock = clock
    this.#node = randomName(8)
    this.#beatOf = batchLookUps(async (nodes: readonly string[]) => {
      const beats = await ledger.beats([...new Set(nodes)])
      return nodes.map((node) => beats.get(node) ?? 0)
    })
  }

  /** Reads the current epoch and writes this node's first beat in it. @throws what the ledger throws */
  static async open(ledger: EpochLedger, clock: Clock): Promise<Epochs> {
    const epochs = new Epochs(ledger, clock)
    const { epoch } = await ledger.beat(epochs.#node, 0, null)
    // The first node of a new database begins its first epoch.
    epochs.#enter(epoch.number > 0 ? epoch : await ledger.beginEpoch(epoch, randomName(), '', 0, null))
    await epochs.#beat()
    return epochs
  }

  /** The epoch's name, which no other epoch has. */
  get name(): string {
    return this.#name
  }

  /** The mark for clients to keep with what they were told: by it they learn whether the history still holds that. */
  get mark(): string {
    return this.#mark
  }

  /** Looks every second from now on, until it is stopped. */
  watch(handlers: EpochHandlers): void {
    this.#handlers = handlers
    this.#schedule(LOOK_MS)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** Notes that clients may be told of something that was read from the database or written to it. The next look writes a beat. */
  moved(): void {
    this.#moved = true
  }

  /** Notes that a room contradicts what was seen of it. Asks the database soon. */
  suspect(change: SeenChange): void {
    this.#seen ??= change
    this.look()
  }

  /** Looks soon, because another epoch may have begun. */
  look(): void {
    if (this.#again) return
    this.#again = true
    if (!this.#looking) this.#schedule(HURRIED_MS)
  }

  /** Returns whether the history still holds all that the mark stands for. @throws ChatError `unavailable`, `overloaded` */
  async continues(mark: string): Promise<boolean> {
    const [, epoch, node = '', beat] = /^(\d+-\w+)\.(\w+)\.(\d+)$/.exec(mark) ?? []
    if (epoch !== this.#name) return false
    const wanted = Number(beat)
    if (node === this.#node) return wanted <= this.#written
    if (wanted <= (this.#known.get(node) ?? 0)) return true
    const found = await this.#beatOf(node)
    // Another epoch may have begun meanwhile.
    if (epoch !== this.#name) return false
    if (found > 0) this.#remember(node, found)
    return wanted <= found
  }

  #remember(node: string, beat: number): void {
    if (this.#known.size >= KNOWN_NODES) this.#known.clear()
    this.#known.set(node, beat)
  }

  #schedule(ms: number): void {
    if (this.#stopped || this.#handlers === null) return
    this.#timer?.cancel()
    this.#timer = this.#clock.after(ms, () => void this.#look())
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#looking = true
    this.#again = false
    try {
      await this.#beat()
      this.#failing = false
    } catch (error) {
      this.#unsure = true
      // Outages of the database are logged elsewhere.
      const isAway = error instanceof ChatError && error.kind === 'unavailable'
      if (!isAway && !this.#failing && !this.#stopped) this.#handlers?.failed(error)
      this.#failing = !isAway
    }
    this.#looking = false
    this.#schedule(this.#again ? HURRIED_MS : LOOK_MS)
  }

  async #beat(): Promise<void> {
    const isIdle = !this.#moved && this.#clock.ticks() - this.#writtenAt < IDLE_WRITE_MS
    const next = isIdle ? null : ++this.#tried
    this.#moved = false
    try {
      const { epoch, kept, server } = await this.#ledger.beat(this.#node, this.#written, next)
      if (epoch.number > this.#epoch.number) {
        this.#change(epoch, 'another node began the epoch')
      } else if (epoch.number !== this.#epoch.number || epoch.name !== this.#epoch.name) {
        await this.#begin(null, `the database is in epoch ${epoch.number}-${epoch.name}`)
      } else if (!kept) {
        await this.#begin(null, `beat ${this.#written} of node ${this.#node} is not there`)
      } else {
        if (next !== null) this.#wrote(next)
        if (this.#seen !== null) await this.#begin(this.#seen, contradicted(this.#seen))
        else if (this.#unsure || (this.#server !== 0 && server !== this.#server)) await this.#compare()
      }
      this.#server = server
    } catch (error) {
      this.#moved ||= next !== null
      throw error
    }
  }

  #wrote(beat: number): void {
    this.#written = beat
    this.#writtenAt = this.#clock.ticks()
    this.#mark = this.#markAt(beat)
  }

  async #compare(): Promise<void> {
    await this.#handlers?.compare()
    this.#unsure = false
  }

  async #begin(seen: SeenChange | null, proof: string): Promise<void> {
    const { number, name } = await this.#ledger.beginEpoch(
      this.#epoch,
      randomName(),
      this.#node,
      this.#written,
      seen,
    )
    if (number !== this.#epoch.number || name !== this.#epoch.name) this.#change({ number, name }, proof)
    // Nothing was proven: the contradiction was read from a server that lagged and is no longer read from.
    else this.#seen = null
  }

  #change(epoch: Epoch, proof: string): void {
    const before = this.#name
    this.#enter(epoch)
    this.#handlers?.rewritten(before, this.#name, proof)
    this.#again = true
  }

  #enter(epoch: Epoch): void {
    this.#epoch = epoch
    this.#name = `${epoch.number}-${epoch.name}`
    this.#written = 0
    this.#mark = this.#markAt(0)
    this.#known.clear()
    this.#seen = null
    this.#moved = true
  }

  #markAt(beat: number): string {
    return `${this.#name}.${this.#node}.${beat}`
  }
}

function contradicted({ room, seq }: SeenChange): string {
  return `room ${room} has not what this node has seen as its number ${seq}`
}

function randomName(bytes = 4): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex()
}
