import {
  isRevision,
  type MessageEvent,
  type RoomEvent,
  type Stretch,
  subjectOf,
  textOf,
} from '../events/index.ts'
import { type Message, type Seq, START } from '../model.ts'
import { isOfItsMoment, laterOf } from './as-now.ts'

/** Events kept for sockets that are just catching up: as many as fit both bounds, the second in UTF-16 units of text. */
const TAIL_EVENTS = 64
const TAIL_TEXT = 32_768
/** Edits and deletions kept, by the same kind of bounds, for those who read a message before it was changed. */
const CHANGES = 64
const CHANGES_TEXT = 32_768

/** What is left to see after a number. */
export interface Recent {
  readonly events: readonly RoomEvent[]
  /** null if every number comes as it was; otherwise the events are all that is left of the stretch. */
  readonly stretch: Stretch | null
}

/**
 * What happened last in one room, as it is now: an edit or a deletion replaces the message and its earlier edits, so that
 * nobody is handed former words. An event costs the same however many are kept.
 */
export class Tail {
  /** The number after which the tail is whole. */
  #start = 0
  /** The number that it ends with. */
  #end: Seq = START
  /** The event with the number n is at n - start - 1; null if nothing of it is left to see. */
  #events: (RoomEvent | null)[] = []
  #text = 0
  /** Messages that were changed, by their numbers: the latest change of each, the oldest first. */
  readonly #changes = new Map<number, MessageEvent>()
  #changesText = 0
  /** The last number that may have changed a message and is not among the changes. */
  #forgotten = 0
  /** Of the subjects of which only the latest event is told: its number, the oldest first. */
  readonly #latest = new Map<string, number>()

  /** Begins anew after a number. What came up to it may have replaced anything. */
  restart(from: Seq): void {
    this.#start = from
    this.#end = from
    this.#events = []
    this.#text = 0
    this.#changes.clear()
    this.#changesText = 0
    this.#forgotten = from
    this.#latest.clear()
  }

  /** Takes the next events, of which every number is there. They are all kept until `trim` is called. */
  push(events: readonly RoomEvent[]): void {
    for (const event of events) {
      this.#events.push(event)
      this.#end = event.seq
      this.#text += textOf(event)
      if (isRevision(event)) {
        this.#replaceSent(event.message)
        this.#remember(event)
      } else this.#replaceEarlier(event)
    }
  }

  /** What happened after a number, as it is now; null if the tail does not reach back that far. */
  since(after: Seq): Recent | null {
    if (after < this.#start) return null
    const events: RoomEvent[] = []
    let whole = true
    for (let i = after - this.#start; i < this.#events.length; i++) {
      const event = this.#events[i]
      // A message that comes itself comes as it is now: its changes are in it.
      if (event && !(isRevision(event) && event.message.seq > after)) events.push(event)
      else whole = false
      if (event && !isOfItsMoment(event)) whole = false
    }
    return { events, stretch: whole ? null : { after, to: this.#end } }
  }

  /** Whether `now` knows of every change after a number. */
  knows(after: Seq): boolean {
    return after >= this.#forgotten
  }

  /** The message as it is now, as far as its changes are known. */
  now(message: Message): Message {
    return laterOf(message, this.#changes.get(message.seq)?.message ?? message)
  }

  /** Back to the bounds, once there is twice as much: this keeps the cost of an event constant. */
  trim(): void {
    if (this.#events.length <= TAIL_EVENTS * 2 && this.#text <= TAIL_TEXT * 2) return
    let from = 0
    for (const event of this.#events) {
      if (this.#events.length - from <= TAIL_EVENTS && this.#text <= TAIL_TEXT) break
      from++
      if (event !== null) this.#text -= textOf(event)
    }
    this.#events = this.#events.slice(from)
    this.#start += from
    for (const [subject, seq] of this.#latest) {
      if (seq > this.#start) break
      this.#latest.delete(subject)
    }
  }

  /** The event with a number, as it is now; null if it is not in the tail, or nothing of it is left to see. */
  at(seq: number): RoomEvent | null {
    return this.#events[seq - this.#start - 1] ?? null
  }

  /** The message itself, if it is in the tail, becomes what it is now. */
  #replaceSent(message: Message): void {
    const sent = this.at(message.seq)
    if (sent?.type === 'message') this.#replace(message.seq, { ...sent, message })
  }

  /** If only the latest event about its subject is told, nothing is left of the one before. */
  #replaceEarlier(event: RoomEvent): void {
    const subject = subjectOf(event)
    if (subject === null) return
    const earlier = this.#latest.get(subject)
    if (earlier !== undefined) this.#replace(earlier, null)
    // Set anew, so that the oldest stay first.
    this.#latest.delete(subject)
    this.#latest.set(subject, event.seq)
  }

  #remember(event: MessageEvent): void {
    const { seq } = event.message
    const earlier = this.#changes.get(seq)
    if (earlier !== undefined) {
      this.#replace(earlier.seq, null)
      this.#forget(earlier)
    }
    this.#changes.set(seq, event)
    this.#changesText += textOf(event)
    for (const oldest of this.#changes.values()) {
      if (this.#changes.size <= CHANGES && this.#changesText <= CHANGES_TEXT) break
      this.#forget(oldest)
      this.#forgotten = oldest.seq
    }
  }

  #forget(event: MessageEvent): void {
    this.#changes.delete(event.message.seq)
    this.#changesText -= textOf(event)
  }

  #replace(seq: number, by: RoomEvent | null): void {
    const before = this.at(seq)
    if (before === null) return
    this.#text += (by === null ? 0 : textOf(by)) - textOf(before)
    this.#events[seq - this.#start - 1] = by
  }
}
