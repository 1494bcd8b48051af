/** Numbers that are remembered: messages on their way at once must be fewer. */
const REMEMBERED = 2 ** 18

/** Which messages have reached everyone whom they were for, and how long that took. */
export class Deliveries {
  readonly #now: () => number
  readonly #sentAt = new Float64Array(REMEMBERED)
  /** Who has yet to hear each one. */
  readonly #missing = new Int32Array(REMEMBERED)
  #delays: number[] = []
  #measuredFrom = Number.POSITIVE_INFINITY
  #measuredTo = Number.POSITIVE_INFINITY
  #sent = 0
  #heard = 0
  #done = 0

  /** @param now milliseconds, on a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now
  }

  get sent(): number {
    return this.#sent
  }

  /** By all listeners together. */
  get heard(): number {
    return this.#heard
  }

  /** Messages that everyone has. */
  get done(): number {
    return this.#done
  }

  /** @returns the number of the next message, which is sent now to so many listeners */
  next(listeners: number): number {
    const place = this.#sent % REMEMBERED
    if (this.#missing[place] !== 0) throw new Error('too many messages are on their way')
    this.#missing[place] = listeners
    this.#sentAt[place] = this.#now()
    return this.#sent++
  }

  /** One listener has it. @returns whether everyone has it now */
  hear(number: number): boolean {
    const place = number % REMEMBERED
    const missing = (this.#missing[place] ?? 0) - 1
    if (!(missing >= 0)) throw new Error(`message ${number} came once more than it was expected`)
    this.#missing[place] = missing
    this.#heard++
    if (missing > 0) return false
    this.#done++
    if (number >= this.#measuredFrom && number < this.#measuredTo) {
      this.#delays.push(this.#now() - (this.#sentAt[place] ?? Number.NaN))
    }
    return true
  }

  /** From the next message on delays are measured. */
  measure(): void {
    this.#delays = []
    this.#measuredFrom = this.#sent
    this.#measuredTo = Number.POSITIVE_INFINITY
  }

  /** Those messages are measured that have been sent by now, however late they come. */
  stopMeasuring(): void {
    this.#measuredTo = this.#sent
  }

  /** Of the messages measured: from the send until everyone had it, in milliseconds. */
  delays(): readonly number[] {
    return this.#delays
  }
}
