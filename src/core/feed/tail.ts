import {
  isRevision,
  type MessageEvent,
  type RoomEvent,
  type Stretch,
  subjectOf,
  textOf,
} from '../events/index.ts'
import { type Message, type RoomId, type Seq, START } from '../model.ts'
import { isOfItsMoment, laterOf } from './as-now.ts'
import { PackedMessages } from './packed-messages.ts'

/** The most events kept for sockets that catch up, and the most text in them, in UTF-16 units. */
const TAIL_EVENTS = 64
const TAIL_TEXT = 32_768
/** The same bounds for edits and deletions, which are kept for readers that got a message before it was changed. */
const CHANGES = 64
const CHANGES_TEXT = 32_768

/** What is left of the events after a number. */
export interface Recent {
  readonly events: readonly RoomEvent[]
  /** null if every number is among the events, as it was; otherwise the events are all that is left of the stretch. */
  readonly stretch: Stretch | null
}

/**
 * The latest events of one room, in their current form: an edit or a deletion replaces the message and its earlier edits, so that no
 * reader gets former words. The cost of an event does not depend on how many are kept.
 */
export class Tail {
  readonly #room: RoomId
  /** The number after which the tail is complete. */
  #start = 0
  /** The last number in the tail. */
  #end: Seq = START
  /** The messages that are as they were sent and no replies, as most events are. The number n has the place n - start - 1. */
  readonly #sent = new PackedMessages()
  /** The other events by number. A number that neither has is one of which nothing is left. */
  readonly #others = new Map<number, RoomEvent>()
  #text = 0
  /** The latest change of each changed message, by the message's number; the oldest change first. */
  readonly #changes = new Map<number, MessageEvent>()
  #changesText = 0
  /** The last number that may have changed a message without being in `#changes`. */
  #forgotten = 0
  /** The number of the latest event per subject, for events of which only the latest one counts; the oldest first. */
  readonly #latest = new Map<string, number>()

  constructor(room: RoomId) {
    this.#room = room
  }

  /** Begins anew after a number. The events up to it may have changed any message. */
  restart(from: Seq): void {
    this.#start = from
    this.#end = from
    this.#sent.clear()
    this.#others.clear()
    this.#text = 0
    this.#changes.clear()
    this.#changesText = 0
    this.#forgotten = from
    this.#latest.clear()
  }

  /** Adds the next events, without gaps. All are kept until `trim` is called. */
  push(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (isPlain(event)) this.#sent.push(event.message)
      else {
        this.#sent.skip()
        this.#others.set(event.seq, event)
      }
      this.#end = event.seq
      this.#text += textOf(event)
      if (isRevision(event)) {
        this.#replaceSent(event.message)
        this.#remember(event)
      } else this.#replaceEarlier(event)
    }
  }

  /** Returns what is left of the events after a number, in their current form; null if the tail does not reach back that far. */
  since(after: Seq): Recent | null {
    if (after < this.#start) return null
    const events: RoomEvent[] = []
    let whole = true
    for (let seq = after + 1; seq <= this.#end; seq++) {
      const event = this.at(seq)
      // A message after the number is returned in its current form, which includes its changes.
      if (event && !(isRevision(event) && event.message.seq > after)) events.push(event)
      else whole = false
      if (event && !isOfItsMoment(event)) whole = false
    }
    return { events, stretch: whole ? null : { after, to: this.#end } }
  }

  /** Returns whether `now` knows all changes of messages after a number. */
  knows(after: Seq): boolean {
    return after >= this.#forgotten
  }

  /** Returns the message in its current form, as far as its changes are known. */
  now(message: Message): Message {
    return laterOf(message, this.#changes.get(message.seq)?.message ?? message)
  }

  /** Shrinks to the bounds once they are exceeded twofold, which keeps the cost of an event constant. */
  trim(): void {
    const { length } = this.#sent
    if (length <= TAIL_EVENTS * 2 && this.#text <= TAIL_TEXT * 2) return
    let dropped = 0
    while (dropped < length && (length - dropped > TAIL_EVENTS || this.#text > TAIL_TEXT)) {
      const other = this.#others.get(this.#start + dropped + 1)
      this.#text -= other === undefined ? this.#sent.textLength(dropped) : textOf(other)
      if (other !== undefined) this.#others.delete(other.seq)
      dropped++
    }
    this.#sent.drop(dropped)
    this.#start += dropped
    for (const [subject, seq] of this.#latest) {
      if (seq > this.#start) break
      this.#latest.delete(subject)
    }
  }

  /** Returns the event with a number, in its current form; null if it is not in the tail or nothing is left of it. */
  at(seq: number): RoomEvent | null {
    const other = this.#others.get(seq)
    if (other !== undefined) return other
    const message = this.#sent.at(seq - this.#start - 1, this.#room)
    return message === null ? null : { type: 'message', roomId: this.#room, seq: message.seq, message }
  }

  /** Replaces the message in the tail, if it is there, by its current form. */
  #replaceSent(message: Message): void {
    const sent = this.at(message.seq)
    if (sent?.type === 'message') this.#replace(message.seq, { ...sent, message })
  }

  /** Drops the previous event about the same subject, if only the latest one counts. */
  #replaceEarlier(event: RoomEvent): void {
    const subject = subjectOf(event)
    if (subject === null) return
    const earlier = this.#latest.get(subject)
    if (earlier !== undefined) this.#replace(earlier, null)
    // Deleted and set again, so that the oldest stay first.
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
    this.#sent.erase(seq - this.#start - 1)
    if (by === null) this.#others.delete(seq)
    else this.#others.set(seq, by)
  }
}

/** Replies carry their threads, for which packed messages have no place. */
function isPlain(event: RoomEvent): event is MessageEvent {
  return event.type === 'message' && event.message.versionSeq === null && event.message.replyTo === null
}
