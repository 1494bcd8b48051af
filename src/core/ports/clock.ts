/** How much time passes. The time of day is the database's alone: a machine's own can be wrong, and can be set. */
export interface Clock {
  /** Milliseconds from some moment on, never set back: for deadlines and rates. */
  ticks(): number
  /** Calls back once, after at least `ms`. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}
