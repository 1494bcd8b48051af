import { ChatError } from './errors.ts'
import type { Deliver, Stretch } from './feed.ts'
import type { RoomEvent, RoomId, Seq } from './model.ts'
import type { Clock, MessageLog, Timer } from './ports.ts'

/** How long a missing number may be on its way before it is read: two commits of one node may overtake each other by a tick. */
const GAP_PATIENCE_MS = 25
/** Events held while a gap is read; past it they are let go and read back as well. */
const HELD_LIMIT = 1024
/** Delivered events kept for sockets that are just catching up: as many as fit both bounds, the second in UTF-16 units of text. */
const TAIL_EVENTS = 64
const TAIL_TEXT = 32_768
const PAGE = 500

/** One room's place in its order, on this node. */
export class FeedRoom {
  readonly id: RoomId
  /** How many follow it here; owned by the feed. */
  followers = 0
  readonly #log: Pick<MessageLog, 'changes'>
  readonly #clock: Clock
  readonly #deliver: Deliver
  /** The last delivered number; null until the start is known. */
  #position: Seq | null = null
  /** The highest number known to exist. */
  #known = 0
  #held = new Map<number, RoomEvent>()
  #tail: RoomEvent[] = []
  #tailText = 0
  /** The number after which the tail is whole. */
  #tailStart = 0
  #timer: Timer | null = null
  #reading = false
  #closed = false
  #waiters: Waiter[] = []
  readonly #opened: Promise<void>

  /** @param head the room's number, read once what is committed from then on comes in; null where there is no such room */
  constructor(
    id: RoomId,
    log: Pick<MessageLog, 'changes'>,
    clock: Clock,
    deliver: Deliver,
    head: Promise<Seq | null>,
  ) {
    this.id = id
    this.#log = log
    this.#clock = clock
    this.#deliver = deliver
    this.#opened = this.#open(head)
  }

  /** Resolves once the room's position is known. Rejects where it could not be read, or the room is not there. */
  opened(): Promise<void> {
    return this.#opened
  }

  /** The last number delivered here. Only after `opened`. */
  get position(): Seq {
    if (this.#position === null) throw new Error('the room is not open yet')
    return this.#position
  }

  /** Resolves once everything up to the number has been delivered here, or the room is closed, or there is no such number. */
  reached(seq: Seq): Promise<void> {
    if (this.#closed || (this.#position !== null && this.#position >= seq)) return Promise.resolve()
    this.noteHead(seq)
    return new Promise((resolve) => this.#waiters.push({ seq, resolve }))
  }

  /** What was delivered after a number, or null where that is no longer in memory. */
  since(after: Seq): readonly RoomEvent[] | null {
    if (after < this.#tailStart) return null
    const from = this.#tail.findIndex((event) => event.seq > after)
    return from === -1 ? [] : this.#tail.slice(from)
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

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#held.clear()
    this.#tail = []
    for (const waiter of this.#waiters) waiter.resolve()
    this.#waiters = []
  }

  async #open(found: Promise<Seq | null>): Promise<void> {
    const head = await found
    if (head === null) throw new ChatError('not_found', 'Room not found')
    this.#position = head
    this.#tailStart = head
    this.#wake(head)
    this.#release()
  }

  #hold(event: RoomEvent): void {
    if (event.seq > this.#known) this.#known = event.seq
    if (this.#position !== null && event.seq <= this.#position) return
    if (this.#held.size >= HELD_LIMIT) this.#held.clear()
    this.#held.set(event.seq, event)
  }

  /** Delivers what is next among the held; if something is missing after that, waits for it, then reads it. */
  #release(): void {
    if (this.#position === null || this.#closed) return
    const ready: RoomEvent[] = []
    let position: Seq = this.#position
    for (let event = this.#held.get(position + 1); event; event = this.#held.get(position + 1)) {
      this.#held.delete(event.seq)
      ready.push(event)
      position = event.seq
    }
    if (ready.length > 0) this.#advance(ready, position)
    for (const seq of this.#held.keys()) if (seq <= position) this.#held.delete(seq)
    if (this.#known > position) this.#waitForGap()
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
          // Told of a higher one meanwhile: that one may be there.
          if (this.#known > asked) continue
          this.#known = Math.max(this.#position, ...this.#held.keys())
          this.#wake(asked)
          break
        }
        this.#advance(changes.events, changes.head, { after: this.#position, to: changes.head })
        // Compacted: it leads from the place before the gap to the one behind it, and from no place in between.
        this.#restartTail(changes.head)
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

  /** Down to the bounds; called at twice the bounds, so that it costs little an event. */
  #trimTail(): void {
    let from = 0
    for (const event of this.#tail) {
      if (this.#tail.length - from <= TAIL_EVENTS && this.#tailText <= TAIL_TEXT) break
      this.#tailText -= textOf(event)
      this.#tailStart = event.seq
      from++
    }
    this.#tail = this.#tail.slice(from)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }

  /** Events that end at `position`, every number up to it contained or compacted away. */
  #advance(events: readonly RoomEvent[], position: Seq, stretch: Stretch | null = null): void {
    this.#position = position
    if (position > this.#known) this.#known = position
    for (const event of events) {
      this.#tail.push(event)
      this.#tailText += textOf(event)
    }
    if (this.#tail.length > TAIL_EVENTS * 2 || this.#tailText > TAIL_TEXT * 2) this.#trimTail()
    if (events.length > 0 || stretch !== null) this.#deliver(this.id, events, stretch)
    this.#wake(position)
  }

  #restartTail(from: Seq): void {
    this.#tail = []
    this.#tailText = 0
    this.#tailStart = from
  }

  #wake(position: number): void {
    if (this.#waiters.length === 0) return
    const due = this.#waiters.filter((waiter) => waiter.seq <= position)
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > position)
    for (const waiter of due) waiter.resolve()
  }
}

function textOf(event: RoomEvent): number {
  return 'message' in event ? event.message.body.length : 0
}

interface Waiter {
  readonly seq: Seq
  readonly resolve: () => void
}
