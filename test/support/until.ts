/**
 * Asks `condition` again and again until its answer is truthy, and resolves to that answer.
 * After `timeoutMs` it throws an error that names `what`, even while an answer is outstanding.
 * An error from `condition` ends the wait.
 */
export async function until<T>(
  condition: () => T | Pending | Promise<T | Pending>,
  what: string,
  timeoutMs = 30_000,
): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const error = new Error(`waited ${timeoutMs} ms in vain for ${what}`)
  const alarm = setTimeout(() => timeout.reject(error), timeoutMs)
  const start = performance.now()
  try {
    while (true) {
      const answer = await Promise.race([condition(), timeout.promise])
      if (answer) return answer
      const pauseMs = performance.now() - start < SOON_MS ? POLL_MS : SLOW_POLL_MS
      await Promise.race([Bun.sleep(pauseMs), timeout.promise])
    }
  } finally {
    clearTimeout(alarm)
  }
}

const POLL_MS = 10
/** What has not come about within a second takes a while, and asking costs those it waits for. */
const SLOW_POLL_MS = 50
const SOON_MS = 1000

type Pending = undefined | null | false
