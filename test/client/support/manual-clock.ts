import type { Clock } from '../../../src/client/index.ts'

export interface ManualClock extends Clock {
  /** Sets the time of day: no time passes. */
  set(byMs: number): void
  /** Lets time pass, and what is due in it happen, in its order. */
  advance(ms: number): void
  /** How long until what is due next, for each timer that waits. */
  waits(): number[]
}

/** Time that passes when a test says so. */
export function manualClock(): ManualClock {
  let time = Date.UTC(2026, 1, 13)
  let setBy = 0
  const timers = new Set<{ at: number; act: () => void }>()

  function due(end: number) {
    const [first] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
    return first
  }

  return {
    now: () => time + setBy,
    ticks: () => time,
    set(byMs) {
      setBy += byMs
    },
    after(ms, act) {
      const timer = { at: time + ms, act }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const end = time + ms
      for (let timer = due(end); timer; timer = due(end)) {
        timers.delete(timer)
        time = Math.max(time, timer.at)
        timer.act()
      }
      time = end
    },
    waits: () => [...timers].map(({ at }) => at - time).sort((a, b) => a - b),
  }
}
