import type { Clock } from '../../../src/client/index.ts'

export const DAY_MS = 86_400_000

export interface HastyClock extends Clock {
  /** Lets the longest wait pass now, if there is one of a day or more. */
  hurry(): void
  /** Waits of a day or more. */
  waiting(): number
  /** Milliseconds that were skipped. */
  passed(): number
}

/** The machine's clock, on which days pass when a test says so, and shorter waits take their time. */
export function hastyClock(): HastyClock {
  const long: { ms: number; act: () => void }[] = []
  let passed = 0
  return {
    now: () => Date.now() + passed,
    ticks: () => performance.now() + passed,
    after(ms, act) {
      if (ms < DAY_MS) {
        const timer = setTimeout(act, ms)
        return () => clearTimeout(timer)
      }
      const wait = { ms, act }
      long.push(wait)
      return () => {
        const index = long.indexOf(wait)
        if (index >= 0) long.splice(index, 1)
      }
    },
    hurry() {
      const wait = long.shift()
      if (!wait) return
      passed += wait.ms
      wait.act()
    },
    waiting: () => long.length,
    passed: () => passed,
  }
}
