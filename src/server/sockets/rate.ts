export interface RateOptions {
  readonly perSecond: number
  /** How much may be taken at once after a pause. */
  readonly burst: number
}

/**
 * A token bucket for many holders (generic cell rate algorithm). Each holder keeps a single number: when its bucket is full again, in
 * the clock's ticks. Allocates nothing.
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
   * @param fullAt when the holder's bucket is full again; 0 for a new holder
   * @returns when it is full again after this; null if there were too few tokens, and none was taken
   */
  take(fullAt: number, weight: number, now: number): number | null {
    const full = Math.max(fullAt, now) + weight * this.#msEach
    return full - now > this.#burstMs + ROUNDING_MS ? null : full
  }
}

/** Tolerates the rounding of summed fractions. */
const ROUNDING_MS = 1e-6
