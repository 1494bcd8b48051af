import type { ParleyError } from '../errors.ts'
import type { MarkEntry, Marked, RoomEvent, RoomFrame, Snapshot, Subscribed } from '../wire.ts'
import { applyChanges, applyEvents, isEvent } from './events.ts'
import { withMentioned } from './mentioned.ts'
import { withoutPending, withoutSent, withoutShown, withPending, withSending } from './pending.ts'
import {
  membersOf,
  withMarks,
  withOther,
  withOwnMarks,
  withoutOnline,
  withoutTyping,
  withPeople,
  withPresence,
  withTyping,
  withTypingAt,
} from './people.ts'
import { withoutShownReactions } from './reacting.ts'
import {
  type Ended,
  emptyView,
  isOpen,
  type LinkPhase,
  type Pending,
  type Reacting,
  type ViewState,
} from './state.ts'
import { figureOf, withFigure } from './unread.ts'
import { type OlderPage, withOlder } from './window.ts'

/** Everything that can happen to a view. Times are by the client's clock, in milliseconds. */
export type Action =
  | { type: 'user'; me: number; pending: readonly Pending[] }
  | { type: 'link'; link: LinkPhase }
  | { type: 'open' }
  | { type: 'close' }
  | { type: 'subscribing' }
  | { type: 'subscribed'; data: Subscribed }
  | { type: 'behind' }
  | { type: 'refused'; error: ParleyError }
  | { type: 'frame'; frame: RoomFrame; now: number }
  | { type: 'frames'; frames: readonly RoomFrame[]; now: number }
  | { type: 'head'; head: number }
  | { type: 'marked'; data: Marked }
  | { type: 'marked_unread'; data: Marked }
  | { type: 'own_mark'; entry: Pick<MarkEntry, 'read_seq' | 'marked_unread'> }
  | { type: 'older'; page: OlderPage }
  | { type: 'tick'; now: number }
  | { type: 'queued'; entry: Pending }
  | { type: 'sending'; clientId: string; change: Partial<Pending> }
  | { type: 'dismissed'; clientId: string }
  | { type: 'reacting'; entry: Reacting }
  | { type: 'reacted'; request: number; change: Partial<Reacting> }
  | { type: 'unreacted'; request: number }

/** Returns the state after an action, which is the same object if nothing has changed. */
export function reduce(state: ViewState, action: Action): ViewState {
  switch (action.type) {
    case 'user':
      return action.me === state.me ? state : { ...afresh(state, action.me), pending: action.pending }
    case 'link':
      return action.link === state.link ? state : { ...withoutOnline(behind(state)), link: action.link }
    case 'open':
      return isOpen(state) ? state : { ...(state.ended ? afresh(state, state.me) : state), phase: 'behind' }
    case 'close':
      return isOpen(state) ? withoutShown({ ...state, phase: 'closed', typing: [] }) : state
    case 'behind':
      return behind(state)
    case 'subscribing':
      return { ...state, phase: 'subscribing' }
    case 'subscribed':
      return subscribed(state, action.data)
    case 'refused':
      return ended(state, { reason: 'refused', error: action.error })
    case 'frame':
      return received(state, [action.frame], action.now)
    case 'frames':
      return received(state, action.frames, action.now)
    case 'head':
      return state.phase === 'live' && state.position !== null && action.head > state.position
        ? behind(state)
        : state
    case 'marked': {
      const marks = { ...action.data, user: state.me }
      return withCounts(withOwnMarks(withMarks(state, [marks]), marks), marks)
    }
    case 'marked_unread': {
      const { data } = action
      const isBack = state.isMarkedUnread || data.read_seq < state.readSeq
      return withCounts({ ...state, readSeq: data.read_seq, isMarkedUnread: isBack }, data)
    }
    case 'own_mark': {
      const { read_seq: read, marked_unread: isMarkedUnread } = action.entry
      // Marks that moved on before the entry came are those that others are shown.
      const shown = state.members?.get(state.me)?.read_seq ?? 0
      const readSeq = isMarkedUnread ? read : Math.max(state.readSeq, read, shown)
      return { ...state, readSeq, isMarkedUnread }
    }
    case 'older': {
      const window = withOlder(state.window, action.page, state.me)
      const maxMessages = Math.max(state.maxMessages, window?.messages.length ?? 0)
      return window ? { ...state, window, maxMessages } : state
    }
    case 'tick':
      return withTypingAt(state, action.now)
    case 'queued':
      return withPending(state, action.entry)
    case 'sending':
      return withSending(state, action.clientId, action.change)
    case 'dismissed':
      return withoutPending(state, action.clientId)
    case 'reacting':
      return { ...state, reacting: [...state.reacting, action.entry] }
    case 'reacted': {
      const { request, change } = action
      const reacting = state.reacting.map((entry) =>
        entry.request === request ? { ...entry, ...change } : entry,
      )
      return withoutShownReactions({ ...state, reacting })
    }
    case 'unreacted':
      return { ...state, reacting: state.reacting.filter(({ request }) => request !== action.request) }
  }
}

/** Both counts come together. */
function withCounts(
  state: ViewState,
  told: Parameters<typeof withMentioned>[1] & Parameters<typeof figureOf>[0],
) {
  return withFigure(withMentioned(state, told), figureOf(told))
}

/** Frames that came together. Events in a row are applied at once, so that their number does not multiply the cost of a change. */
function received(state: ViewState, frames: readonly RoomFrame[], now: number): ViewState {
  let next = state
  let row: RoomEvent[] = []
  for (const frame of frames) {
    if (isEvent(frame)) {
      row.push(frame)
      continue
    }
    next = told(happened(next, row), frame, now)
    row = []
  }
  return happened(next, row)
}

function happened(state: ViewState, events: readonly RoomEvent[]): ViewState {
  return events.length === 0 || !isOpen(state) ? state : applyEvents(state, events)
}

function told(state: ViewState, frame: Exclude<RoomFrame, RoomEvent>, now: number): ViewState {
  // The user's own membership also concerns a room without a subscription, but only an open view has something to end.
  if (!isOpen(state) && frame.type !== 'membership') return state
  switch (frame.type) {
    case 'changes':
      return applyChanges(state, frame)
    case 'live':
      return caughtUp(state, frame.seq)
    case 'state':
      return withCounts(withOwnMarks(withPeople(state, frame), frame), frame)
    case 'marks':
      return withMarks(state, [frame])
    case 'typing':
      return frame.typing
        ? withTyping(state, frame.user, now + frame.expires_in_ms)
        : withoutTyping(state, frame.user.id)
    case 'presence': {
      const { user, online, last_seen } = frame
      return withOther(withPresence(state, user.id, online), user.id, { online, last_seen })
    }
    case 'unsubscribed':
      return frame.reason === 'try_again'
        ? behind(state)
        : ended(state, { reason: frame.reason, error: null })
    case 'membership':
      return frame.change === 'left' || frame.change === 'removed' || frame.change === 'room_deleted'
        ? ended(state, { reason: frame.change, error: null })
        : state
    default:
      // Servers may send signals of an unknown, newer type.
      return state
  }
}

/** Typing states and expected frames are void: what was missed has to be requested. */
function behind(state: ViewState): ViewState {
  return isOpen(state) ? { ...state, phase: 'behind', typing: [] } : state
}

function subscribed(state: ViewState, { mode, snapshot, reset }: Subscribed): ViewState {
  if (state.phase !== 'subscribing') return state
  const next: ViewState = { ...(reset ? withoutSent(state) : state), phase: 'catching_up' }
  return mode === 'snapshot' && snapshot ? withSnapshot(next, snapshot) : next
}

function withSnapshot(state: ViewState, { room, messages, has_older, members }: Snapshot): ViewState {
  const { head } = room
  const next: ViewState = {
    ...state,
    ...membersOf(room, members),
    room,
    position: head,
    window: {
      from: has_older ? (messages[0]?.seq ?? head + 1) : 0,
      messages,
      below: [],
      belowEvents: [],
      belowThreads: [],
      belowSince: head,
    },
    readSeq: room.read_seq,
    isMarkedUnread:
      members?.some(({ user, read_seq }) => user.id === state.me && read_seq > room.read_seq) ??
      state.isMarkedUnread,
    deliveredSeq: room.delivered_seq,
    figure: figureOf({ ...room, head }),
    ahead: null,
    mentioned: { count: room.mentions ?? 0, head },
  }
  return withoutShownReactions(withoutShown(next, messages))
}

/** @param seq the number up to which everything has been sent */
function caughtUp(state: ViewState, seq: number): ViewState {
  if (state.phase !== 'catching_up' || state.position === null) return state
  return { ...state, phase: state.position < seq ? 'behind' : 'live' }
}

/** Only the membership says that the user was removed; the other frames only say that they are not a member. */
function ended(state: ViewState, end: Ended): ViewState {
  const refines = state.ended?.reason === 'left' && end.reason === 'removed'
  if (!isOpen(state) && !refines) return state
  return withoutShown({ ...state, phase: 'ended', ended: end, typing: [] })
}

function afresh(state: ViewState, me: number): ViewState {
  const { roomId, maxMessages, link, pending } = state
  const phase = isOpen(state) ? 'behind' : 'closed'
  return { ...emptyView(roomId, me, maxMessages), phase, link, pending }
}
