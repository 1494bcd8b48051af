export interface RateOptions {
  readonly perSecond: number
  /** How much may come at once after a pause. */
  readonly burst: number
}

/**
 * A token bucket for many holders, each of whom keeps a single number: when their bucket is full again, in the clock's ticks.
 * (The generic cell rate algorithm.) Nothing is allocated.
 */
export class Rate {
  readonly #msEach: number
  readonly #burstMs: number

  constructor({ perSecond, burst }: RateOptions) {
    this.#msEach = 1000 / perSecond
    this.#burstMs = burst * this.#msEach
  }

  /**
   * Takes `weight` tokens.
   * @param fullAt when the holder's bucket is full again; 0 for one that has taken nothing yet
   * @returns when it is full again now; null when there were too few, and nothing was taken
   */
  take(fullAt: number, weight: number, now: number): number | null {
    const full = Math.max(fullAt, now) + weight * this.#msEach
    return full - now > this.#burstMs + ROUNDING_MS ? null : full
  }
}

/** What adding up fractions may be off by. */
const ROUNDING_MS = 1e-6
