import { setTimeout } from 'k6/timers'

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms))
  })
}

/** Resolves at a time, in milliseconds since the epoch. */
export function waitUntil(time: number): Promise<void> {
  return wait(time - Date.now())
}
