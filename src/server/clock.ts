import type { Clock } from '../core/index.ts'

export const systemClock: Clock = {
  ticks: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}
