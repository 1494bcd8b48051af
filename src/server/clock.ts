import type { Clock } from '../core/index.ts'

export const systemClock: Clock = {
  ticks: () => performance.now(),
  after(ms, run) {
    // The moment may have passed meanwhile, and Bun warns of negative times on standard error.
    const timer = setTimeout(run, Math.max(0, ms))
    return { cancel: () => clearTimeout(timer) }
  },
}
