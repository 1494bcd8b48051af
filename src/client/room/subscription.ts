import { backoff } from '../backoff.ts'
import { ParleyError } from '../errors.ts'
import type { Outcome } from '../link/index.ts'
import { isSubscribed, type Seq } from '../wire.ts'
import type { RoomContext } from './context.ts'

/** A subscription that lived so long was a good one: the next one is made without delay. */
const STEADY_MS = 10_000
/** Attempts in a row to resume, before the view is made anew. */
const RESUMES = 4

/** Subscribes whenever the view is behind: at once the first time, with growing delays if that does not help. */
export function createSubscription({ id, env, line, gate, epoch, state, dispatch }: RoomContext) {
  const { clock, random } = env
  let limit: number | undefined
  let attempts = 0
  let liveSince: number | null = null
  let cancelWait: (() => void) | null = null
  /** Whether the position is of the history that the present connection tells of; while not, what was told with it before. */
  let isHeld = false
  let toldBefore: string | undefined
  /** Counts subscriptions, since the answer to one that was given up says nothing about the next. */
  let latest = 0

  function check(): void {
    const { phase, link } = state()
    if (phase === 'live') liveSince ??= clock.ticks()
    if (link !== 'ready') disconnected()
    else if (phase === 'behind' && cancelWait === null) plan(0)
  }

  function disconnected(): void {
    // Before the next connection's greeting, which tells of the history as it is then.
    toldBefore = told()
    isHeld = false
    reset()
  }

  function told(): string | undefined {
    return isHeld ? epoch() : toldBefore
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

  /** Up to where the view has everything, and what was told of the history with that. */
  function place(): { after?: Seq; epoch?: string } {
    const { position } = state()
    const history = told()
    if (position === null) return {}
    return history === undefined ? { after: position } : { after: position, epoch: history }
  }

  function answered(outcome: Outcome): void {
    if (!(outcome instanceof ParleyError)) {
      isHeld ||= isSubscribed(outcome)
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
    /** The view is about to be opened: at once, however often that has failed before. */
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
