import { backoff } from '../backoff.ts'
import { ParleyError } from '../errors.ts'
import { createHeldEpoch } from '../held-epoch.ts'
import type { Outcome } from '../link/index.ts'
import { isSubscribed, type Seq } from '../wire.ts'
import type { RoomContext } from './context.ts'

/** After a subscription that lasted this many milliseconds, the next one is made without delay. */
const STEADY_MS = 10_000
/** How many attempts to resume fail before the client requests a snapshot. */
const RESUMES = 4

/** Subscribes whenever the view is behind: at once the first time, with growing delays if that does not help. */
export function createSubscription({ id, env, line, gate, epoch, state, dispatch }: RoomContext) {
  const { clock, random } = env
  let limit: number | undefined
  let attempts = 0
  let liveSince: number | null = null
  let cancelWait: (() => void) | null = null
  /** Counts subscriptions, so that the response to an abandoned one is ignored. */
  let latest = 0
  const history = createHeldEpoch(epoch)

  function check(): void {
    const { phase, link } = state()
    if (phase === 'live') liveSince ??= clock.ticks()
    if (link !== 'ready') disconnected()
    else if (phase === 'behind' && cancelWait === null) plan(0)
  }

  function disconnected(): void {
    history.disconnected()
    reset()
  }

  function reset(): void {
    cancelWait?.()
    cancelWait = null
    attempts = 0
    liveSince = null
  }

  function plan(atLeastMs: number): void {
    if (liveSince !== null && clock.ticks() - liveSince >= STEADY_MS) attempts = 0
    liveSince = null
    const delayMs = Math.max(atLeastMs, attempts === 0 ? 0 : backoff(attempts, random))
    if (delayMs === 0) enter()
    else cancelWait = clock.after(delayMs, enter)
  }

  function enter(): void {
    let isWaiting = true
    cancelWait = () => {
      isWaiting = false
    }
    gate.enter((leave) => {
      if (!isWaiting) return leave()
      cancelWait = null
      subscribe(leave)
    })
  }

  function subscribe(leave: () => void): void {
    const mine = ++latest
    const after = attempts >= RESUMES ? {} : place()
    attempts++
    dispatch({ type: 'subscribing' })
    line.ask(
      { type: 'subscribe', room: id, ...after, ...(limit === undefined ? {} : { limit }) },
      (outcome) => {
        if (mine === latest) answered(outcome)
        leave()
      },
    )
  }

  /** The number up to which the view has everything, and the mark of the history that came with it. */
  function place(): { after?: Seq; epoch?: string } {
    const { position } = state()
    const told = history.told()
    if (position === null) return {}
    return told === undefined ? { after: position } : { after: position, epoch: told }
  }

  function answered(outcome: Outcome): void {
    if (!(outcome instanceof ParleyError)) {
      if (isSubscribed(outcome)) history.held()
      dispatch(isSubscribed(outcome) ? { type: 'subscribed', data: outcome } : { type: 'behind' })
    } else if (outcome.retryable || outcome.code === 'unauthenticated') {
      if (state().link === 'ready') plan(Math.max(outcome.retryAfterMs, 1))
      dispatch({ type: 'behind' })
    } else {
      dispatch({ type: 'refused', error: outcome })
    }
  }

  return {
    check,
    /** The view is about to be opened: subscribe at once, even after failures. */
    open(messages: number | undefined): void {
      reset()
      limit = messages
    },
    close(): void {
      reset()
      latest++
      line.tell({ type: 'unsubscribe', room: id })
    },
  }
}
