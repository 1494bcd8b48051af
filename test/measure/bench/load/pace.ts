/** What is due at a steady rate: late ones are made up for, so that in the long run the rate holds. */
export class Pace {
  readonly #perMs: number
  readonly #start: number
  #given = 0

  /** @param start in milliseconds, as all times here */
  constructor(perSecond: number, start: number) {
    this.#perMs = perSecond / 1000
    this.#start = start
  }

  /** How many have become due since this was last asked. */
  due(now: number): number {
    const due = Math.floor((now - this.#start) * this.#perMs) - this.#given
    this.#given += due
    return due
  }
}
