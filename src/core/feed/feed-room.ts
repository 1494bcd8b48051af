import { ChatError } from '../errors.ts'
import type { Changes, RoomEvent } from '../events/index.ts'
import type { Epochs } from '../history/index.ts'
import type { Message, RoomId, Seq } from '../model.ts'
import type { Clock, MessageLog, Timer } from '../ports.ts'
import { isMessageAsSent } from './as-now.ts'
import { contradiction } from './contradiction.ts'
import type { Deliver } from './deliver.ts'
import { GAP_PATIENCE_MS, PAGE, pauseAfter } from './gap-bounds.ts'
import { Held } from './held.ts'
import { type Recent, Tail } from './tail.ts'
import { Voices } from './voices.ts'
import { Waiters } from './waiters.ts'

/** One room on this node: how far it was delivered, and what waits for earlier numbers. */
export class FeedRoom {
  readonly id: RoomId
  /** The number of followers on this node; maintained by the feed. */
  followers = 0
  readonly #log: Pick<MessageLog, 'changes'>
  readonly #clock: Clock
  readonly #deliver: Deliver
  readonly #epochs: Pick<Epochs, 'suspect'>
  /** The last delivered number; null until the room is open. */
  #position: Seq | null = null
  /** The highest number known to exist. */
  #known = 0
  readonly #held = new Held()
  readonly #tail: Tail
  readonly voices = new Voices()
  #timer: Timer | null = null
  #reading = false
  #closed = false
  readonly #waiters = new Waiters()
  readonly #opened: Promise<void>

  /** @param head reads the room's number, after which all further commits come in; null if there is no such room */
  constructor(
    id: RoomId,
    log: Pick<MessageLog, 'changes'>,
    clock: Clock,
    deliver: Deliver,
    epochs: Pick<Epochs, 'suspect'>,
    head: Promise<Seq | null>,
  ) {
    this.id = id
    this.#tail = new Tail(id)
    this.#log = log
    this.#clock = clock
    this.#deliver = deliver
    this.#epochs = epochs
    this.#opened = this.#open(head)
  }

  /** Resolves once the room's position is known. Rejects if it could not be read or there is no such room. */
  opened(): Promise<void> {
    return this.#opened
  }

  /** The last number delivered on this node; null until the room is open. */
  get delivered(): Seq | null {
    return this.#position
  }

  /** The last number delivered on this node. @throws before `opened` has resolved */
  get position(): Seq {
    if (this.#position === null) throw new Error('the room is not open yet')
    return this.#position
  }

  /** Resolves once everything up to the number has been delivered on this node, the room is closed, or the number does not exist. */
  reached(seq: Seq): Promise<void> {
    if (this.#closed || (this.#position !== null && this.#position >= seq)) return Promise.resolve()
    this.noteHead(seq)
    return this.#waiters.until(seq)
  }

  /** Calls back once something after the number is delivered here, or the room is closed. @returns what takes that back */
  past(after: Seq, act: () => void): () => void {
    return this.#waiters.add(after + 1, act)
  }

  /** Returns what was delivered after a number, in its current form; null if that is no longer in memory. */
  since(after: Seq): Recent | null {
    return this.#tail.since(after)
  }

  /** Returns the message in its current form, by the deliveries on this node. Reliable only if the room `knows` since the message was read. */
  now(message: Message): Message {
    return this.#tail.now(message)
  }

  /** Returns whether all revisions delivered on this node after a number are still in memory. */
  knows(after: Seq): boolean {
    return this.#tail.knows(after)
  }

  accept(events: readonly RoomEvent[]): void {
    if (this.#position === null || this.#reading || this.#held.size > 0) {
      for (const event of events) this.#hold(event)
      if (this.#position !== null && !this.#reading) this.#release()
      return
    }
    // The usual case: the batch is what comes next, and is delivered as it is.
    let position: Seq = this.#position
    let next = 0
    for (const event of events) {
      if (event.seq !== position + 1) break
      position = event.seq
      next++
    }
    if (next > 0) this.#advance(next === events.length ? events : events.slice(0, next), position)
    if (next === events.length) return
    for (const event of events.slice(next)) this.#hold(event)
    this.#release()
  }

  noteHead(head: Seq): void {
    if (head <= this.#known) return
    this.#known = head
    if (this.#position !== null && head > this.#position) this.#waitForGap()
  }

  /** @param head the room's number, read after everything up to `delivered` had been delivered here; a lower one has gone back */
  compare(head: Seq, delivered: Seq | null): void {
    if (delivered === null || head >= delivered) this.noteHead(head)
    // What a closed room holds may belong to a former epoch.
    else if (!this.#closed) this.#epochs.suspect({ room: this.id, seq: delivered, message: null })
  }

  /** @throws ChatError `unavailable` if the head has gone back; it is then suspected of a rewritten history */
  expectHead(head: Seq, delivered: Seq): void {
    if (head >= delivered) return
    this.compare(head, delivered)
    throw new ChatError('unavailable', 'Some messages of the room cannot be read now, try again', {
      retryAfterMs: 1000,
    })
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

  /** Delivers the held events that are next. If a number is missing after that, waits for it, then reads it. */
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
        // The database has nothing more: what was announced does not exist (a node that counted wrong, an older copy).
        if (changes.head <= this.#position) {
          this.compare(changes.head, this.#position)
          // A higher number was announced meanwhile, which may exist.
          if (this.#known > asked) continue
          this.#known = Math.max(this.#position, this.#held.highest)
          this.#waiters.wake(asked)
          break
        }
        this.#leap(changes, this.#position)
        failures = 0
      } catch {
        // The database is away. Retries with jittered backoff until it is back.
        failures++
        await new Promise<void>((resolve) => this.#clock.after(pauseAfter(failures), resolve))
      }
    }
    this.#reading = false
    this.#release()
  }

  /** Delivers events that end at `position`, with every number up to it among them. */
  #advance(events: readonly RoomEvent[], position: Seq): void {
    const before = this.#position
    this.#moveTo(position)
    this.#tail.push(events)
    // A batch that changes its own messages is delivered in their current form.
    const recent = before === null || events.every(isMessageAsSent) ? null : this.#tail.since(before)
    if (recent !== null) this.voices.note(events)
    this.#tail.trim()
    this.#deliver(this.id, recent?.events ?? events, recent?.stretch ?? null)
    this.#waiters.wake(position)
  }

  /** Delivers the compacted changes of a gap. They lead from the number before the gap to its end, and from no number in between. */
  #leap({ events, head }: Changes, after: Seq): void {
    this.#moveTo(head)
    this.#tail.restart(head)
    // Held events may be later than the changes that were read.
    const now = events.map((event) => this.#held.now(event))
    this.voices.note(events)
    this.#deliver(this.id, now, { after, to: head })
    this.#waiters.wake(head)
  }

  #moveTo(position: Seq): void {
    this.#position = position
    if (position > this.#known) this.#known = position
  }
}
