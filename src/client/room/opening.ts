import { type Deferred, deferred } from '../deferred.ts'
import { ParleyError } from '../errors.ts'
import type { Ended, ViewState } from '../view/index.ts'

/** Tells the callers that opened a room when it is live, or that it will not be. */
export function createOpening() {
  let waiting: Deferred<void> | null = null

  function fail(error: ParleyError): void {
    waiting?.reject(error)
    waiting = null
  }

  return {
    begin(state: ViewState): Promise<void> {
      if (state.phase === 'live') return Promise.resolve()
      waiting ??= deferred()
      // Nobody has to wait for the promise: the view also shows it.
      waiting.promise.catch(() => undefined)
      return waiting.promise
    },
    check({ phase, ended }: ViewState): void {
      if (phase === 'ended' && ended) fail(errorOf(ended))
      if (phase !== 'live') return
      waiting?.resolve(undefined)
      waiting = null
    },
    fail,
  }
}

function errorOf({ reason, error }: Ended): ParleyError {
  if (error) return error
  return reason === 'room_deleted'
    ? new ParleyError('not_found', 'The room was deleted')
    : new ParleyError('forbidden', 'You are not a member of this room')
}
