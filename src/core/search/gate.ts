import { ChatError } from '../errors.ts'

/** Searches that wait for others to end. */
const WAITING = 64

/** Lets a few run at once; the others wait in the order in which they came. */
export function createGate(atOnce: number) {
  let running = 0
  const waiting: (() => void)[] = []

  return {
    /** @throws ChatError `overloaded` if too many wait, and what `run` throws */
    async pass<T>(run: () => Promise<T>): Promise<T> {
      if (running >= atOnce) {
        if (waiting.length >= WAITING) {
          throw new ChatError('overloaded', 'Too many searches are waiting, try again', {
            retryAfterMs: 1000,
          })
        }
        await new Promise<void>((go) => waiting.push(go))
      } else running++
      try {
        return await run()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
