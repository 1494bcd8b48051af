import { isRevision, type RoomEvent } from '../events/index.ts'
import type { Message } from '../model.ts'
import { asNow, laterOf } from './as-now.ts'

/** Events held while a gap is read; past it they are let go and read back as well. */
const HELD_LIMIT = 1024

/** Events of one room that came before their turn. What is told of them is as they are by the latest of them. */
export class Held {
  readonly #events = new Map<number, RoomEvent>()
  /** The messages that some of them changed, as they are after it. */
  readonly #changed = new Map<number, Message>()

  get size(): number {
    return this.#events.size
  }

  has(seq: number): boolean {
    return this.#events.has(seq)
  }

  /** 0 if there is none. */
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

  /** Takes out those that follow a number without a gap; those up to it are dropped. */
  takeAfter(position: number): RoomEvent[] {
    const ready: RoomEvent[] = []
    let next = position + 1
    for (let event = this.#events.get(next); event; event = this.#events.get(++next))
      ready.push(this.now(event))
    for (const seq of this.#events.keys()) if (seq < next) this.#events.delete(seq)
    for (const [seq, { versionSeq }] of this.#changed) if ((versionSeq ?? 0) < next) this.#changed.delete(seq)
    return ready
  }

  /** The event as it is by what is held. */
  now(event: RoomEvent): RoomEvent {
    return this.#changed.size === 0 ? event : asNow(event, (m) => laterOf(m, this.#changed.get(m.seq) ?? m))
  }

  clear(): void {
    this.#events.clear()
    this.#changed.clear()
  }
}
