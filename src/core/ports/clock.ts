export interface Clock {
  /** Milliseconds since 1970, from the wall clock: for expiry dates, never for order. */
  now(): number
  /** Milliseconds from some moment on, never set back: for deadlines and rates. */
  ticks(): number
  /** Calls back once, after at least `ms`. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}
