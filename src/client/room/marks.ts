import { badAnswer, ParleyError } from '../errors.ts'
import { findLast } from '../find-last.ts'
import { isUnreadExact } from '../view/index.ts'
import { isMarked, type Marked, type Seq } from '../wire.ts'
import type { RoomContext } from './context.ts'

/**
 * The shortest time between two delivered marks, and how long to wait for the server to send a count of unread messages.
 * Milliseconds.
 */
const PAUSE_MS = 1000

/** Moves the user's marks: the read mark on request, the delivered mark by itself. */
export function createMarks({ id, env, line, state, dispatch }: RoomContext) {
  const { clock } = env
  let reader = 0
  let wanted: Seq = 0
  let isReading = false
  /** The marks that were sent over this connection. */
  let delivered: Seq = 0
  let cancelPause: (() => void) | null = null
  let cancelAsking: (() => void) | null = null

  function check(): void {
    const { me } = state()
    // The marks of one user do not apply to another.
    if (reader !== 0 && reader !== me) wanted = 0
    reader = me
    if (state().link === 'ready') {
      read()
      deliver()
      countAgain()
    } else {
      reset()
    }
  }

  function reset(): void {
    delivered = 0
    cancelPause?.()
    cancelPause = null
    cancelAsking?.()
    cancelAsking = null
  }

  function read(): void {
    if (wanted > state().readSeq) ask(wanted)
  }

  /** Whether the room's numbers may be those of another history. The response to the subscription tells. */
  function isUncertain(): boolean {
    const { phase } = state()
    return phase === 'behind' || phase === 'subscribing'
  }

  /** Even if the mark is there already, the response has the unread count. */
  function ask(seq: Seq): void {
    if (isReading || state().link !== 'ready' || isUncertain()) return
    isReading = true
    line.ask({ type: 'read', room: id, seq }, (outcome) => {
      if (!(outcome instanceof ParleyError)) {
        isReading = false
        // If the server moves the mark less far, the request is not repeated.
        if (seq === wanted) wanted = 0
        if (isMarked(outcome)) dispatch({ type: 'marked', data: outcome })
        return read()
      }
      if (!outcome.retryable) {
        isReading = false
        wanted = 0
        return
      }
      clock.after(outcome.code === 'disconnected' ? 0 : Math.max(outcome.retryAfterMs, PAUSE_MS), () => {
        isReading = false
        check()
      })
    })
  }

  function deliver(): void {
    const { phase, members, deliveredSeq, position, window, me } = state()
    if (cancelPause !== null || position === null || members === null) return
    if (phase !== 'live' && phase !== 'catching_up') return
    const marked = Math.max(deliveredSeq, delivered)
    // Looks no further back than the mark: messages that are all the user's own are not searched again for each new one.
    const last = findLast(window.messages, ({ seq, sender }) => seq <= marked || sender.id !== me)?.seq ?? 0
    if (last <= marked) return
    delivered = position
    line.tell({ type: 'delivered', room: id, seq: position })
    cancelPause = clock.after(PAUSE_MS, () => {
      cancelPause = null
      check()
    })
  }

  function countAgain(): void {
    const isMissing = () => state().phase === 'live' && state().ahead === null && !isUnreadExact(state())
    if (cancelAsking !== null || !isMissing()) return
    cancelAsking = clock.after(PAUSE_MS, () => {
      cancelAsking = null
      if (isMissing()) ask(state().readSeq)
    })
  }

  return {
    check,
    /** The numbers in the request were those of another history. */
    restart(): void {
      wanted = 0
      reset()
    },
    /** Resolves once it is stored. What was read before, and is not sent yet, is not sent any more. */
    async unread(seq: Seq): Promise<Marked> {
      wanted = 0
      const data = await line.request({ type: 'mark_unread', room: id, seq })
      if (!isMarked(data)) throw badAnswer()
      dispatch({ type: 'marked_unread', data })
      return data
    },
    read(seq: Seq): void {
      wanted = Math.max(wanted, seq)
      read()
    },
  }
}
