import type {
  ChangesFrame,
  MemberEvent,
  Message,
  RestraintEvent,
  Room,
  RoomEvent,
  RoomFrame,
  Seq,
} from '../wire.ts'
import { mentionedAfter } from './mentioned.ts'
import { withoutShown } from './pending.ts'
import { withMember, withoutTyping } from './people.ts'
import { withoutShownReactions } from './reacting.ts'
import type { ViewState } from './state.ts'
import { threadIn } from './threads.ts'
import { figureAtPosition, withReachedFigure } from './unread.ts'
import { isAttached, trimmed, withAttached, withMessages, withThreads } from './window.ts'

/** Returns whether a frame is one event, of a known type or of a newer one. */
export function isEvent(frame: RoomFrame): frame is RoomEvent {
  return 'seq' in frame && frame.type !== 'live'
}

/**
 * Returns the state after some events in the order in which they came: the next event is applied, an old one changes nothing, a later
 * one shows a gap. All that can be applied is applied at once.
 */
export function applyEvents(state: ViewState, events: readonly RoomEvent[]): ViewState {
  const { position } = state
  if (position === null) return state
  const next: RoomEvent[] = []
  let isGap = false
  for (const event of events) {
    const expected = position + next.length + 1
    if (event.seq === expected) next.push(event)
    else if (event.seq > expected) isGap = true
  }
  const applied = apply(state, position, position + next.length, next)
  return isGap ? lost(applied) : applied
}

/** Returns the events of the frames that brought a view from `position` to `end`: each once, in order. */
export function eventsBetween(position: Seq, end: Seq, frames: readonly RoomFrame[]): readonly RoomEvent[] {
  const events: RoomEvent[] = []
  let at = position
  for (const frame of frames) {
    if (isEvent(frame)) {
      if (frame.seq !== at + 1 || frame.seq > end) continue
      events.push(frame)
      at = frame.seq
    } else if (frame.type === 'changes' && frame.after <= at && frame.to > at && frame.to <= end) {
      for (const event of frame.events) if (event.seq > at) events.push(event)
      at = frame.to
    }
  }
  return events
}

/** Returns the state after a stretch of changes. */
export function applyChanges(state: ViewState, { after, to, events }: ChangesFrame): ViewState {
  return apply(state, after, to, events)
}

/** @param events everything after `after`, up to `to` */
function apply(state: ViewState, after: number, to: number, events: readonly RoomEvent[]): ViewState {
  const { position } = state
  if (position === null || to <= position) return state
  if (after > position) return lost(state)
  const messages = events.flatMap((event) => messageOf(event) ?? [])
  const news = events.filter(({ seq }) => seq > position)
  let next: ViewState = { ...state, position: to, mentioned: mentionedAfter(state, news) }
  for (const event of events) {
    // Messages have a number of their latest change, which decides; other events of the stretch may be applied already.
    if (event.seq > position) next = withFacts(next, event)
  }
  const window = withMessages(next.window, messages)
  // After the messages, which may have come with them.
  const attached = events.filter(isAttached).filter(({ seq }) => seq > position)
  // A thread has a number of its latest change, which decides: an event that was applied may come again with a later state.
  const threads = events
    .flatMap((event) => threadIn(event) ?? [])
    .filter((each) => each.changed_seq > position)
  const shown = withThreads(withAttached(window, attached, state.me), threads)
  next = withReachedFigure({ ...next, window: shown })
  return withoutShownReactions(withoutShown(limited(next), messages))
}

/** Something was missed: subscribe again, unless that is under way. */
function lost(state: ViewState): ViewState {
  return state.phase === 'live' || state.phase === 'catching_up' ? { ...state, phase: 'behind' } : state
}

function withFacts(state: ViewState, event: RoomEvent): ViewState {
  switch (event.type) {
    case 'message':
      return withoutTyping(state, senderOf(event.message))
    case 'member':
      return withRoom(withMember(withoutOwnersMute(state, event), event), { updated_at: event.at })
    case 'room': {
      if (state.room === null) return state
      const { description, avatar, metadata, at } = event
      const { metadata: _, ...room } = state.room
      const now = { ...room, description, avatar, updated_at: at }
      return { ...state, room: metadata === undefined ? now : { ...now, metadata } }
    }
    case 'rules': {
      const { posting, slow_mode, at } = event
      return withRoom(state, { posting, slow_mode, updated_at: at })
    }
    case 'restraint':
      return withRestraint(state, event)
    default:
      // A revision is in the message itself, as reactions and pins are. Of an event of an unknown, newer type only the number counts.
      return state
  }
}

/** Only the user's own mute is part of the view. */
function withRestraint(state: ViewState, { change, user, until, at }: RestraintEvent): ViewState {
  const next = withRoom(state, { updated_at: at })
  if (next.room === null || user.id !== state.me || !change.endsWith('muted')) return next
  const { muted: _, ...room } = next.room
  return { ...next, room: change === 'muted' ? { ...room, muted: { until } } : room }
}

/** Whoever becomes the owner is not muted any more, without an event of its own. */
function withoutOwnersMute(state: ViewState, { role, user }: MemberEvent): ViewState {
  if (role !== 'owner' || user.id !== state.me || state.room?.muted === undefined) return state
  const { muted: _, ...room } = state.room
  return { ...state, room }
}

function messageOf(event: RoomEvent): Message | null {
  return event.type === 'message' || event.type === 'edited' || event.type === 'deleted'
    ? event.message
    : null
}

function withRoom(state: ViewState, change: Partial<Room>): ViewState {
  return state.room ? { ...state, room: { ...state.room, ...change } } : state
}

function limited(state: ViewState): ViewState {
  const window = trimmed(state.window, state.maxMessages)
  return window === state.window ? state : { ...state, window, figure: figureAtPosition(state) }
}

function senderOf(message: Message): number {
  return message.sender.id
}
