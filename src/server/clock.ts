import type { Clock } from '../core/index.ts'

export const systemClock: Clock = {
  ticks: () => performance.now(),
  after(ms, run) {
    // Whoever waits for a moment that has passed meanwhile need not look: Bun warns of a negative time on standard error.
    const timer = setTimeout(run, Math.max(0, ms))
    return { cancel: () => clearTimeout(timer) }
  },
}
