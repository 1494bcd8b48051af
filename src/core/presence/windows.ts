import type { Clock, Timer } from '../ports.ts'

/** Windows of time, one for a key, which end in the order in which they began. One timer serves all of them. */
export class Windows<T> {
  readonly #clock: Clock
  readonly #lengthMs: number
  readonly #ended: (key: string, value: T) => void
  /** The window that began first comes first. */
  readonly #open = new Map<string, Window<T>>()
  #timer: Timer | null = null

  /** @param ended called when a window has ended and is forgotten; it may begin the next one for the same key */
  constructor(clock: Clock, lengthMs: number, ended: (key: string, value: T) => void) {
    this.#clock = clock
    this.#lengthMs = lengthMs
    this.#ended = ended
  }

  get size(): number {
    return this.#open.size
  }

  get(key: string): T | undefined {
    return this.#open.get(key)?.value
  }

  /** Begins a window for a key that has none. */
  begin(key: string, value: T): void {
    this.#open.set(key, { since: this.#clock.ticks(), value })
    this.#waitForFirst()
  }

  /** Forgets all windows without ending them. @returns what they held, the oldest first */
  clear(): T[] {
    this.#timer?.cancel()
    this.#timer = null
    const values = [...this.#open.values()].map(({ value }) => value)
    this.#open.clear()
    return values
  }

  #waitForFirst(): void {
    if (this.#timer !== null) return
    for (const { since } of this.#open.values()) {
      this.#timer = this.#clock.after(since + this.#lengthMs - this.#clock.ticks(), () => {
        this.#end(this.#clock.ticks())
        this.#timer = null
        this.#waitForFirst()
      })
      return
    }
  }

  #end(now: number): void {
    for (const [key, { since, value }] of this.#open) {
      if (since + this.#lengthMs > now) return
      this.#open.delete(key)
      // A window that this begins comes last in the map.
      this.#ended(key, value)
    }
  }
}

interface Window<T> {
  /** In the clock's ticks: when it began. */
  readonly since: number
  readonly value: T
}
