import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { ParleyError } from '../errors.ts'
import { createHeldEpoch } from '../held-epoch.ts'
import type { Line, LinkState, Outcome } from '../link/index.ts'
import { isMemberships, type MembershipFrame } from '../wire.ts'

export interface MembershipsNeeds {
  readonly env: Environment
  readonly line: Line
  /** What the present connection told of the history last. */
  epoch(): string | undefined
  /** A membership has changed: once for each change, or for the latest one of a room that was missed. */
  changed(frame: MembershipFrame): void
  /** What happened before cannot be told: all rooms have to be listed. What happens from now on is told. */
  begun(): void
}

/** Frames that are held while it is asked what was missed; beyond, it is asked again. */
const MOST_HELD = 1000

/** Counts the changes of the user's memberships, and asks for those that were missed, as long as somebody wants to know. */
export function createMemberships({ env, line, epoch, changed, begun }: MembershipsNeeds) {
  const { clock, random } = env
  const history = createHeldEpoch(epoch)
  let wanted = 0
  let isReady = false
  let user: number | null = null
  /** Up to where all changes are known. */
  let position: number | null = null
  let isAsking = false
  /** Something may have been missed since it was asked. */
  let again = false
  /** What has come since it was asked. */
  let held: MembershipFrame[] = []
  /** Whether this connection's server tells no numbers: it is of a version before. */
  let isPlain = false
  let failures = 0
  let cancelRetry: () => void = () => undefined

  function linked(state: LinkState): void {
    isReady = state.phase === 'ready'
    if (state.phase !== 'ready') {
      history.disconnected()
      reset()
      return
    }
    if (state.user.id !== user) forget()
    user = state.user.id
    ask()
  }

  function reset(): void {
    cancelRetry()
    isAsking = false
    again = false
    held = []
    isPlain = false
    failures = 0
  }

  /** What one user has seen, another has not. */
  function forget(): void {
    position = null
    history.forget()
  }

  function ask(): void {
    again = isAsking
    if (wanted === 0 || isAsking || isPlain || !isReady) return
    cancelRetry()
    isAsking = true
    const told = history.told()
    const place = position === null ? {} : { after: position, ...(told === undefined ? {} : { epoch: told }) }
    line.ask({ type: 'memberships', ...place }, answered)
  }

  function answered(outcome: Outcome): void {
    isAsking = false
    if (outcome instanceof ParleyError) refused(outcome)
    else if (isMemberships(outcome)) {
      failures = 0
      history.held()
      for (const { at, ...change } of outcome.memberships) apply({ type: 'membership', ...change })
      position = outcome.head
      if (outcome.reset) begin(outcome.head)
      if (outcome.more || again) ask()
      else release()
    }
  }

  /** What was told while there was no number yet is told now: the rooms that are listed next may not show it any more. */
  function begin(head: number): void {
    for (const frame of held) if ((frame.user_seq ?? 0) <= head) changed(frame)
    begun()
  }

  function release(): void {
    const frames = held
    held = []
    for (const frame of frames) next(frame)
  }

  /** The next change is told, one that is known already is not, and before a later one something was missed. */
  function next(frame: MembershipFrame): void {
    const { user_seq: seq } = frame
    if (seq === undefined) return
    if (isAsking || position === null) hold(frame)
    else if (seq === position + 1) apply(frame)
    else if (seq > position) ask()
  }

  function hold(frame: MembershipFrame): void {
    if (held.length < MOST_HELD) held.push(frame)
    else again = true
  }

  function refused(error: ParleyError): void {
    // The next connection asks anyway.
    if (error.code === 'disconnected') return
    if (error.retryable || error.code === 'unauthenticated') {
      cancelRetry = clock.after(Math.max(error.retryAfterMs, backoff(failures++, random)), ask)
      return
    }
    isPlain = true
    begun()
  }

  function apply(frame: MembershipFrame): void {
    const { user_seq: seq } = frame
    if (seq === undefined || position === null || seq <= position) return
    position = seq
    changed(frame)
  }

  return {
    linked,

    /** Begins to tell; returns how to stop that. */
    want(): () => void {
      wanted++
      let isOver = false
      if (wanted === 1) ask()
      return () => {
        if (!isOver) wanted--
        isOver = true
      }
    },

    receive(frame: MembershipFrame): void {
      if (wanted === 0) return
      // A server of the version before tells no numbers.
      if (isPlain || frame.user_seq === undefined) changed(frame)
      else next(frame)
    },

    /** How far the server says the memberships have come. */
    head(seq: number): void {
      if (wanted > 0 && position !== null && seq > position) ask()
    },
  }
}

export type Memberships = ReturnType<typeof createMemberships>
