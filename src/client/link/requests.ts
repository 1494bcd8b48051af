import type { Clock } from '../environment.ts'
import { ParleyError } from '../errors.ts'
import type { ResultData } from '../wire.ts'

/** The outcome of a request. */
export type Outcome = ResultData | ParleyError

/** The most requests that may be under way at once over a connection. */
const LIMIT = 1000

/** The requests of one connection that wait for their responses. Each gets exactly one outcome. */
export function createRequests(clock: Clock, timeoutMs: number) {
  const waiting = new Map<number, (outcome: Outcome) => void>()
  let lastId = 0

  return {
    /** Returns the id to send with the request, or null if there are too many; then its outcome is already reported. */
    add(answer: (outcome: Outcome) => void): number | null {
      if (waiting.size >= LIMIT) {
        answer(new ParleyError('overloaded', 'Too many requests at once', { retryable: true }))
        return null
      }
      const id = ++lastId
      const settle = (outcome: Outcome) => {
        cancelTimeout()
        if (waiting.delete(id)) answer(outcome)
      }
      const cancelTimeout = clock.after(timeoutMs, () =>
        settle(new ParleyError('timeout', `No answer within ${timeoutMs} ms`)),
      )
      waiting.set(id, settle)
      return id
    },

    /** Passes a response to its caller. A response that nobody waits for is dropped. */
    settle(id: unknown, outcome: Outcome): void {
      if (typeof id === 'number') waiting.get(id)?.(outcome)
    },

    failAll(error: ParleyError): void {
      for (const settle of [...waiting.values()]) settle(error)
    },
  }
}
