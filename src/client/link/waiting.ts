import { deferred } from '../deferred.ts'
import type { Clock } from '../environment.ts'
import { disconnected, ParleyError } from '../errors.ts'
import type { ClientFrame, ResultData } from '../wire.ts'
import type { Outcome } from './requests.ts'

/** The most requests that may wait for a connection. */
const LIMIT = 100

type Ask = (frame: ClientFrame, answer: (outcome: Outcome) => void) => void

/** Requests made without a connection, in order. */
export function createWaiting(clock: Clock, timeoutMs: number) {
  const waiting = new Set<{ ask: (ask: Ask) => void; fail: (error: ParleyError) => void }>()

  return {
    async add(frame: ClientFrame): Promise<ResultData> {
      if (waiting.size >= LIMIT) {
        throw new ParleyError('overloaded', 'Too many requests wait for a connection', { retryable: true })
      }
      const { promise, resolve, reject } = deferred<ResultData>()
      const entry = { ask: (ask: Ask) => ask(frame, settle(resolve, reject)), fail: reject }
      waiting.add(entry)
      const cancel = clock.after(timeoutMs, () => {
        waiting.delete(entry)
        reject(disconnected())
      })
      try {
        return await promise
      } finally {
        cancel()
      }
    },

    flush(ask: Ask): void {
      for (const entry of [...waiting]) {
        waiting.delete(entry)
        entry.ask(ask)
      }
    },

    fail(error: ParleyError): void {
      for (const entry of waiting) entry.fail(error)
      waiting.clear()
    },
  }
}

export function settle(resolve: (data: ResultData) => void, reject: (error: ParleyError) => void) {
  return (outcome: Outcome) => (outcome instanceof ParleyError ? reject(outcome) : resolve(outcome))
}
