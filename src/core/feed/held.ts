import { isRevision, type RoomEvent } from '../events/index.ts'
import type { Message } from '../model.ts'
import { asNow, laterOf } from './as-now.ts'

/** The most events held while a gap is read. Beyond that they are dropped, and read from the database as well. */
const HELD_LIMIT = 1024

/** Events of one room that came before their turn. They are handed on in the form that the latest of them gives. */
export class Held {
  readonly #events = new Map<number, RoomEvent>()
  /** The messages that held events have changed, in their latest form, by number. */
  readonly #changed = new Map<number, Message>()

  get size(): number {
    return this.#events.size
  }

  has(seq: number): boolean {
    return this.#events.has(seq)
  }

  /** The highest held number; 0 if none is held. */
  get highest(): number {
    return Math.max(0, ...this.#events.keys())
  }

  add(event: RoomEvent): void {
    if (this.#events.size >= HELD_LIMIT) this.clear()
    this.#events.set(event.seq, event)
    if (isRevision(event)) {
      const { message } = event
      this.#changed.set(message.seq, laterOf(message, this.#changed.get(message.seq) ?? message))
    }
  }

  /** Removes and returns the events that follow a number without a gap. Drops those up to the number. */
  takeAfter(position: number): RoomEvent[] {
    const ready: RoomEvent[] = []
    let next = position + 1
    for (let event = this.#events.get(next); event; event = this.#events.get(++next))
      ready.push(this.now(event))
    for (const seq of this.#events.keys()) if (seq < next) this.#events.delete(seq)
    for (const [seq, { versionSeq }] of this.#changed) if ((versionSeq ?? 0) < next) this.#changed.delete(seq)
    return ready
  }

  /** Returns the event in the form that the held events give. */
  now(event: RoomEvent): RoomEvent {
    return this.#changed.size === 0 ? event : asNow(event, (m) => laterOf(m, this.#changed.get(m.seq) ?? m))
  }

  clear(): void {
    this.#events.clear()
    this.#changed.clear()
  }
}
