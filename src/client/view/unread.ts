import type { Message, Seq } from '../wire.ts'
import type { Figure, ViewState } from './state.ts'
import { isAliveAt } from './window.ts'

export interface Unread {
  readonly count: number
  /** If not, `count` is an estimate, and the client requests the count from the server. */
  readonly exact: boolean
}

export const UNREAD_LIMIT = 1000

/** Returns the unread count at the position, at most `UNREAD_LIMIT`. */
export function unreadOf(state: ViewState): Unread {
  const { count, exact } = countAt(state, Number.MAX_SAFE_INTEGER)
  return { count: Math.min(Math.max(count, 0), UNREAD_LIMIT), exact }
}

/** Returns whether `unreadOf` is exact, without counting if that is possible. */
export function isUnreadExact(state: ViewState): boolean {
  const { position, figure } = state
  if (position === null || coversUnread(state)) return true
  return isKnown(state) && (figure?.atLeast !== true || unreadOf(state).exact)
}

export function figureOf(told: { unread: number; head: Seq; read_seq: Seq }): Figure {
  return {
    unread: told.unread,
    head: told.head,
    readSeq: told.read_seq,
    atLeast: told.unread >= UNREAD_LIMIT,
  }
}

/** Returns the state with a count that the server has just sent. A count for a later number is kept until the position reaches that. */
export function withFigure(state: ViewState, figure: Figure): ViewState {
  if (figure.readSeq < state.readSeq || state.position === null) return state
  const ahead = figure.head > state.position
  return ahead ? { ...state, ahead: figure } : { ...state, figure, ahead: null }
}

/** Returns the state with the kept count, once the position has reached its number. */
export function withReachedFigure(state: ViewState): ViewState {
  const { ahead, position } = state
  return ahead !== null && position !== null && ahead.head <= position
    ? { ...state, figure: ahead, ahead: null }
    : state
}

/** Returns the count at the position, to continue from when messages leave the window; null if unknown. */
export function figureAtPosition(state: ViewState): Figure | null {
  const { position, readSeq, figure } = state
  if (position === null) return null
  const { count, exact } = countAt(state, position)
  const atLeast = !coversUnread(state) && figure?.atLeast === true
  return exact ? { unread: count, head: position, readSeq, atLeast } : null
}

/** Counts as of the number `place`: messages may be here in a later form. */
function countAt(state: ViewState, place: Seq): Unread {
  const { window, figure } = state
  if (state.position === null) return { count: 0, exact: true }
  if (coversUnread(state)) return { count: unreadSince(state, 0, place), exact: true }
  if (figure === null) return { count: 0, exact: false }
  const { head, atLeast } = figure
  let change = unreadSince(state, head, place)
  for (const message of window.below) {
    if (countsFor(message, state) && (message.version ?? 0) > head && !isAliveAt(message, place)) change--
  }
  return { count: figure.unread + change, exact: isKnown(state) && !(atLeast && change < 0) }
}

/**
 * Returns how many more messages of the window are unread as of the number `place` than as of `head`. It runs for every event, and a
 * window may hold thousands: it starts at the newest message and stops at the read mark.
 */
function unreadSince({ window: { messages }, me, readSeq }: ViewState, head: Seq, place: Seq): number {
  let change = 0
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]
    if (message === undefined || message.seq <= readSeq) break
    const isSame = message.seq <= head && message.deleted_at === null
    if (isSame || message.sender.id === me || message.in_room === false) continue
    change += Number(isAliveAt(message, place)) - Number(isAliveAt(message, head))
  }
  return change
}

/** Returns whether the server's count and what is remembered since make the count at the position. */
function isKnown({ window, figure, readSeq }: ViewState): boolean {
  return figure !== null && figure.readSeq === readSeq && figure.head >= window.belowSince
}

/** Returns whether every unread message is in the window, so that they can be counted there. */
function coversUnread({ window, readSeq }: ViewState): boolean {
  return window.from <= readSeq + 1
}

function countsFor(message: Message, { me, readSeq }: ViewState): boolean {
  return message.seq > readSeq && message.sender.id !== me && message.in_room !== false
}
