import { type Delays, delaysOf } from '../load/delays.ts'

/** Digits of a message's number, with which its text ends. */
export const DIGITS = 10
/** Numbers whose time of sending is remembered: what is on its way at once must be fewer. */
const REMEMBERED = 2 ** 18

/** When each message was sent, and how long it took to be heard. */
export class Stopwatch {
  readonly #sentAt = new Float64Array(REMEMBERED)
  readonly #delays = new Map<string, number[]>()

  sent(number: number): void {
    this.#sentAt[number % REMEMBERED] = performance.now()
  }

  /** @param at where the number begins */
  heard(group: string, bytes: Uint8Array, at: number): void {
    let number = 0
    for (let i = at; i < at + DIGITS; i++) number = number * 10 + (bytes[i] ?? Number.NaN) - ZERO
    const delay = performance.now() - (this.#sentAt[number % REMEMBERED] ?? Number.NaN)
    const delays = this.#delays.get(group)
    if (delays === undefined) this.#delays.set(group, [delay])
    else delays.push(delay)
  }

  /** What was heard since it was last asked. */
  take(): Record<string, Delays> {
    const taken: Record<string, Delays> = {}
    for (const [group, milliseconds] of this.#delays) {
      const delays = delaysOf(milliseconds)
      if (delays !== null) taken[group] = delays
    }
    this.#delays.clear()
    return taken
  }
}

const ZERO = '0'.charCodeAt(0)
