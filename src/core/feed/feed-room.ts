import { ChatError } from '../errors.ts'
import type { Changes, RoomEvent } from '../events/index.ts'
import type { Epochs } from '../history/index.ts'
import type { Message, RoomId, Seq } from '../model.ts'
import type { Clock, MessageLog, Timer } from '../ports.ts'
import { isMessageAsSent } from './as-now.ts'
import { contradiction } from './contradiction.ts'
import type { Deliver } from './deliver.ts'
import { Held } from './held.ts'
import { type Recent, Tail } from './tail.ts'
import { Waiters } from './waiters.ts'

/** How long a missing number may be on its way before it is read: two commits of one node may overtake each other by a tick. */
const GAP_PATIENCE_MS = 25
const PAGE = 500

/** One room's place in its order, on this node. */
export class FeedRoom {
  readonly id: RoomId
  /** How many follow it here; owned by the feed. */
  followers = 0
  readonly #log: Pick<MessageLog, 'changes'>
  readonly #clock: Clock
  readonly #deliver: Deliver
  readonly #epochs: Pick<Epochs, 'suspect'>
  /** The last delivered number; null until the start is known. */
  #position: Seq | null = null
  /** The highest number known to exist. */
  #known = 0
  readonly #held = new Held()
  readonly #tail = new Tail()
  #timer: Timer | null = null
  #reading = false
  #closed = false
  readonly #waiters = new Waiters()
  readonly #opened: Promise<void>

  /** @param head the room's number, read once what is committed from then on comes in; null where there is no such room */
  constructor(
    id: RoomId,
    log: Pick<MessageLog, 'changes'>,
    clock: Clock,
    deliver: Deliver,
    epochs: Pick<Epochs, 'suspect'>,
    head: Promise<Seq | null>,
  ) {
    this.id = id
    this.#log = log
    this.#clock = clock
    this.#deliver = deliver
    this.#epochs = epochs
    this.#opened = this.#open(head)
  }

  /** Resolves once the room's position is known. Rejects where it could not be read, or the room is not there. */
  opened(): Promise<void> {
    return this.#opened
  }

  /** The last number delivered here; null while that is not known. */
  get delivered(): Seq | null {
    return this.#position
  }

  /** The same. Only after `opened`. */
  get position(): Seq {
    if (this.#position === null) throw new Error('the room is not open yet')
    return this.#position
  }

  /** Resolves once everything up to the number has been delivered here, or the room is closed, or there is no such number. */
  reached(seq: Seq): Promise<void> {
    if (this.#closed || (this.#position !== null && this.#position >= seq)) return Promise.resolve()
    this.noteHead(seq)
    return this.#waiters.until(seq)
  }

  /** What was delivered after a number, as it is now, or null if that is no longer in memory. */
  since(after: Seq): Recent | null {
    return this.#tail.since(after)
  }

  /** The message as it is by what was delivered here; sure only if the room `knows` since the message was read. */
  now(message: Message): Message {
    return this.#tail.now(message)
  }

  /** Whether whatever was changed after a number, as far as it was delivered here, is still in memory. */
  knows(after: Seq): boolean {
    return this.#tail.knows(after)
  }

  accept(events: readonly RoomEvent[]): void {
    if (this.#position === null || this.#reading || this.#held.size > 0) {
      for (const event of events) this.#hold(event)
      if (this.#position !== null && !this.#reading) this.#release()
      return
    }
    // The usual case: the batch is just what comes next, and goes out as it came.
    let position: Seq = this.#position
    let next = 0
    for (const event of events) {
      if (event.seq !== position + 1) break
      position = event.seq
      next++
    }
    if (next > 0) this.#advance(next === events.length ? events : events.slice(0, next), position)
    if (next === events.length) return
    for (let i = next; i < events.length; i++) {
      const event = events[i]
      if (event !== undefined) this.#hold(event)
    }
    this.#release()
  }

  noteHead(head: Seq): void {
    if (head <= this.#known) return
    this.#known = head
    if (this.#position !== null && head > this.#position) this.#waitForGap()
  }

  /** @param head as it was read after everything up to `delivered` had been delivered here: a lower one went back */
  compare(head: Seq, delivered: Seq | null): void {
    if (delivered === null || head >= delivered) this.noteHead(head)
    // What a closed room had may be of an epoch that is over.
    else if (!this.#closed) this.#epochs.suspect({ room: this.id, seq: delivered, message: null })
  }

  /** @throws ChatError `unavailable` for a head that went back, which is suspected */
  expectHead(head: Seq, delivered: Seq): void {
    if (head >= delivered) return
    this.compare(head, delivered)
    throw new ChatError('unavailable', 'The room is not whole, try again', { retryAfterMs: 1000 })
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#held.clear()
    if (this.#position !== null) this.#tail.restart(this.#position)
    this.#waiters.wake(Number.POSITIVE_INFINITY)
  }

  async #open(found: Promise<Seq | null>): Promise<void> {
    const head = await found
    if (head === null) throw new ChatError('not_found', 'Room not found')
    this.#position = head
    this.#tail.restart(head)
    this.#waiters.wake(head)
    this.#release()
  }

  #hold(event: RoomEvent): void {
    if (event.seq > this.#known) this.#known = event.seq
    if (this.#position !== null && event.seq <= this.#position) {
      const seen = contradiction(this.#tail.at(event.seq), event)
      if (seen !== null) this.#epochs.suspect(seen)
      return
    }
    this.#held.add(event)
  }

  /** Delivers what is next among the held; if something is missing after that, waits for it, then reads it. */
  #release(): void {
    if (this.#position === null || this.#closed) return
    const ready = this.#held.takeAfter(this.#position)
    const last = ready.at(-1)
    if (last !== undefined) this.#advance(ready, last.seq)
    if (this.#known > this.#position) this.#waitForGap()
  }

  #waitForGap(): void {
    if (this.#timer !== null || this.#reading || this.#closed) return
    this.#timer = this.#clock.after(GAP_PATIENCE_MS, () => {
      this.#timer = null
      if (this.#position !== null && this.#known > this.#position) void this.#readGap()
    })
  }

  async #readGap(): Promise<void> {
    this.#reading = true
    let failures = 0
    while (
      !this.#closed &&
      this.#position !== null &&
      this.#position < this.#known &&
      !this.#held.has(this.#position + 1)
    ) {
      const asked = this.#known
      try {
        const changes = await this.#log.changes(this.id, this.#position, PAGE)
        if (this.#closed) break
        if (changes === null) {
          this.close()
          break
        }
        // The database has nothing more: what was announced is not there (a node that counted wrong, an older copy).
        if (changes.head <= this.#position) {
          this.compare(changes.head, this.#position)
          // Told of a higher one meanwhile: that one may be there.
          if (this.#known > asked) continue
          this.#known = Math.max(this.#position, this.#held.highest)
          this.#waiters.wake(asked)
          break
        }
        this.#leap(changes, this.#position)
        failures = 0
      } catch {
        // The database is away; what is missing stays missing until it is back, with growing, jittered pauses.
        failures++
        await this.#pause(Math.random() * Math.min(5000, 100 * 2 ** Math.min(failures, 10)))
      }
    }
    this.#reading = false
    this.#release()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }

  /** Events that end at `position`, with every number up to it. */
  #advance(events: readonly RoomEvent[], position: Seq): void {
    const before = this.#position
    this.#moveTo(position)
    this.#tail.push(events)
    // A batch that changes what it says itself goes out as it is after that.
    const recent = before === null || events.every(isMessageAsSent) ? null : this.#tail.since(before)
    this.#tail.trim()
    this.#deliver(this.id, recent?.events ?? events, recent?.stretch ?? null)
    this.#waiters.wake(position)
  }

  /** A gap's changes, compacted: they lead from the place before it to the one behind it, and from no place in between. */
  #leap({ events, head }: Changes, after: Seq): void {
    this.#moveTo(head)
    this.#tail.restart(head)
    // What is held may have come about after they were read.
    const now = events.map((event) => this.#held.now(event))
    this.#deliver(this.id, now, { after, to: head })
    this.#waiters.wake(head)
  }

  #moveTo(position: Seq): void {
    this.#position = position
    if (position > this.#known) this.#known = position
  }
}
