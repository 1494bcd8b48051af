import type { RoomId, Seq } from '../model.ts'
import type { Clock, ReactionWanted, Timer } from '../ports.ts'
import { BATCH_MESSAGES, BATCH_REACTIONS } from './bounds.ts'

/** A reaction that has no answer yet. */
export interface PendingReaction extends ReactionWanted {
  /** In the clock's ticks. */
  readonly deadline: number
  /** Takes the room's number from which on it is shown, or why it was not written. Called once. */
  readonly settle: (outcome: Seq | Error) => void
}

/** The reactions of one message that wait. */
interface Waiting {
  /** By user and name: of several changes of one reaction only the last is written, and all have its outcome. */
  readonly wanted: Map<string, PendingReaction>
  /** Runs while the window of the message's latest event is open. */
  window: Timer | null
}

/** The reactions in one room that wait to be written. One batch of a room is written at a time. */
export class RoomQueue {
  readonly room: RoomId
  readonly #clock: Clock
  readonly #onReady: () => void
  readonly #messages = new Map<Seq, Waiting>()
  /** The messages whose windows are closed and that have something to write. */
  readonly #ready = new Set<Seq>()
  #writing = false

  /** @param onReady called when a window has closed */
  constructor(room: RoomId, clock: Clock, onReady: () => void) {
    this.room = room
    this.#clock = clock
    this.#onReady = onReady
  }

  get isReady(): boolean {
    return !this.#writing && this.#ready.size > 0
  }

  /** Whether nothing waits and no window is open. */
  get isEmpty(): boolean {
    return !this.#writing && this.#messages.size === 0
  }

  add(pending: PendingReaction): void {
    const { message } = pending
    const waiting = this.#messages.get(message) ?? { wanted: new Map(), window: null }
    this.#messages.set(message, waiting)
    const key = keyOf(pending)
    const earlier = waiting.wanted.get(key)
    waiting.wanted.set(key, earlier === undefined ? pending : joined(earlier, pending))
    if (waiting.window === null) this.#ready.add(message)
  }

  /** Puts a reaction back that could not be written yet. What has been asked for since counts. */
  putBack(pending: PendingReaction): void {
    const later = this.#messages.get(pending.message)?.wanted.get(keyOf(pending))
    this.add(later === undefined ? pending : joined(pending, later))
  }

  /** Opens the window of a message. @param ms for how long */
  rest(message: Seq, ms: number): void {
    const waiting = this.#messages.get(message) ?? { wanted: new Map(), window: null }
    this.#messages.set(message, waiting)
    waiting.window?.cancel()
    this.#ready.delete(message)
    waiting.window = this.#clock.after(ms, () => {
      waiting.window = null
      if (waiting.wanted.size > 0) this.#ready.add(message)
      else this.#messages.delete(message)
      this.#onReady()
    })
  }

  /** Takes the next batch. `written` must follow. */
  take(): PendingReaction[] {
    this.#writing = true
    const batch: PendingReaction[] = []
    let messages = 0
    for (const message of this.#ready) {
      if (messages >= BATCH_MESSAGES || batch.length >= BATCH_REACTIONS) break
      messages++
      const wanted = this.#messages.get(message)?.wanted ?? new Map<string, PendingReaction>()
      for (const [key, pending] of wanted) {
        if (batch.length >= BATCH_REACTIONS) break
        wanted.delete(key)
        batch.push(pending)
      }
      if (wanted.size === 0) this.#ready.delete(message)
    }
    return batch
  }

  /** The batch has been written, or has failed. */
  written(): void {
    this.#writing = false
    for (const [message, { wanted, window }] of this.#messages) {
      if (wanted.size === 0 && window === null) this.#messages.delete(message)
    }
  }
}

function keyOf({ user, reaction }: PendingReaction): string {
  return `${user} ${reaction}`
}

/** Returns the later of two changes of one reaction, which settles both. */
function joined(earlier: PendingReaction, later: PendingReaction): PendingReaction {
  return {
    ...later,
    deadline: earlier.deadline,
    settle(outcome) {
      earlier.settle(outcome)
      later.settle(outcome)
    },
  }
}
