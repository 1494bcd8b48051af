import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { ParleyError } from '../errors.ts'
import { createHeldEpoch } from '../held-epoch.ts'
import type { Line, LinkState, Outcome } from '../link/index.ts'
import { isPrivateState, type PrivateEntry, type PrivateFrame, type PrivateState } from '../wire.ts'

export interface FollowedNeeds {
  readonly env: Environment
  readonly line: Line
  /** What the present connection told of the history last. */
  epoch(): string | undefined
  /** These have changed. @param anew whether all others are gone */
  changed(entries: readonly PrivateEntry[], anew: boolean): void
}

/** Follows what the user keeps privately, from the first moment that somebody wants it. */
export function createFollowed({ env, line, epoch, changed }: FollowedNeeds) {
  const history = createHeldEpoch(epoch)
  let isWanted = false
  let isReady = false
  let user: number | null = null
  /** Up to where all changes are known; null before the first answer. */
  let position: number | null = null
  let isAsking = false
  /** Whether this connection's server knows of no private state: it is of a version before. */
  let isPlain = false
  let failures = 0
  let cancelRetry: () => void = () => undefined

  function ask(): void {
    if (!isWanted || isAsking || isPlain || !isReady) return
    cancelRetry()
    isAsking = true
    const told = history.told()
    const place = position === null ? {} : { after: position, ...(told === undefined ? {} : { epoch: told }) }
    line.ask({ type: 'private', ...place }, answered)
  }

  function answered(outcome: Outcome): void {
    isAsking = false
    if (outcome instanceof ParleyError) refused(outcome)
    else if (isPrivateState(outcome)) took(outcome)
  }

  function took(outcome: PrivateState): void {
    failures = 0
    history.held()
    position = outcome.head
    changed(outcome.entries, outcome.reset === true)
    if (outcome.more) ask()
  }

  function refused(error: ParleyError): void {
    // The next connection asks anyway.
    if (error.code === 'disconnected') return
    if (error.retryable || error.code === 'unauthenticated') {
      cancelRetry = env.clock.after(Math.max(error.retryAfterMs, backoff(failures++, env.random)), ask)
    } else isPlain = true
  }

  return {
    linked(state: LinkState): void {
      isReady = state.phase === 'ready'
      cancelRetry()
      isAsking = false
      isPlain = false
      failures = 0
      if (state.phase !== 'ready') {
        history.disconnected()
        return
      }
      if (user !== null && state.user.id !== user) {
        position = null
        history.forget()
        changed([], true)
      }
      user = state.user.id
      ask()
    },

    want(): void {
      isWanted = true
      ask()
    },

    receive({ after, head, entries }: PrivateFrame): void {
      if (position === null || isAsking) return
      if (after > position) ask()
      else {
        position = Math.max(position, head)
        changed(entries, false)
      }
    },
  }
}
