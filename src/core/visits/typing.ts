import type { RoomId, UserRef } from '../model.ts'
import type { Clock, Signals, Timer } from '../ports.ts'

/** How long somebody counts as typing after they last said so, in milliseconds. */
export const TYPING_MS = 6000
/** While a user types, it is told again after so many milliseconds, for those who came in meanwhile. */
const REPEAT_MS = TYPING_MS / 2

/** Whether one connection's user types in one room. It is over when it is not said again, or the connection ends. */
export class Typing {
  readonly #signals: Signals
  readonly #clock: Clock
  readonly #roomId: RoomId
  readonly #user: UserRef
  #timer: Timer | null = null
  #toldAt = 0

  constructor(signals: Signals, clock: Clock, roomId: RoomId, user: UserRef) {
    this.#signals = signals
    this.#clock = clock
    this.#roomId = roomId
    this.#user = user
  }

  start(): void {
    const now = this.#clock.ticks()
    if (this.#timer === null || now - this.#toldAt >= REPEAT_MS) {
      this.#toldAt = now
      this.#tell(true)
    }
    this.#timer?.cancel()
    this.#timer = this.#clock.after(TYPING_MS, () => this.stop())
  }

  stop(): void {
    if (this.#timer === null) return
    this.#timer.cancel()
    this.#timer = null
    this.#tell(false)
  }

  #tell(typing: boolean): void {
    this.#signals.publish({ type: 'typing', roomId: this.#roomId, user: this.#user, typing })
  }
}
