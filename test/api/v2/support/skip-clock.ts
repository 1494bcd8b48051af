import type { Clock, Timer } from '../../../../src/core/index.ts'

/** The system's clock, which a test may move on: timers that have come due by then fire at once, in their order. */
export class SkipClock implements Clock {
  #skipped = 0
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return Date.now() + this.#skipped
  }

  ticks(): number {
    return performance.now() + this.#skipped
  }

  after(ms: number, run: () => void): Timer {
    const fire = () => {
      cancel()
      run()
    }
    const timer = setTimeout(fire, ms)
    const alarm = { at: this.ticks() + ms, fire }
    const cancel = () => {
      clearTimeout(timer)
      this.#alarms.delete(alarm)
    }
    this.#alarms.add(alarm)
    return { cancel }
  }

  skip(ms: number): void {
    this.#skipped += ms
    const now = this.ticks()
    const due = [...this.#alarms].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
    for (const alarm of due) if (this.#alarms.has(alarm)) alarm.fire()
  }
}

interface Alarm {
  readonly at: number
  readonly fire: () => void
}
