import type { Clock, Timer } from '../../../src/core/index.ts'

/** A clock that only a test moves. */
export class FakeClock implements Clock {
  #ticks = 0
  readonly #timers = new Set<Alarm>()

  /** The time of day, as a database would have it. */
  now(): number {
    return Date.UTC(2024, 0, 1) + this.#ticks
  }

  ticks(): number {
    return this.#ticks
  }

  after(ms: number, run: () => void): Timer {
    const alarm = { at: this.#ticks + ms, run }
    this.#timers.add(alarm)
    return { cancel: () => this.#timers.delete(alarm) }
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  /** Advances by `ms`. Each timer fires at its own time, and its consequences have run before the next one fires. */
  async advance(ms: number): Promise<void> {
    const end = this.#ticks + ms
    await settled()
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#timers.delete(next)
      this.#ticks = Math.max(this.#ticks, next.at)
      next.run()
      await settled()
    }
    this.#ticks = end
  }

  #nextUntil(end: number): Alarm | undefined {
    let next: Alarm | undefined
    for (const alarm of this.#timers) {
      if (alarm.at <= end && (next === undefined || alarm.at < next.at)) next = alarm
    }
    return next
  }
}

/** How many look-ups may follow one another: each begins at the end of a turn of the event loop. */
const LOOK_UPS = 3

/** Resolves once every promise that can settle has settled, and its continuations have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn <= LOOK_UPS; turn++) await new Promise((resolve) => setImmediate(resolve))
}

interface Alarm {
  readonly at: number
  readonly run: () => void
}
