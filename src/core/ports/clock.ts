/** Measures how much time passes. The time of day comes from the database only: a machine's clock can be wrong, and can be set. */
export interface Clock {
  /** Returns the milliseconds since an arbitrary moment. Never goes back. For deadlines and rates. */
  ticks(): number
  /** Calls back once, after at least `ms` milliseconds. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}
