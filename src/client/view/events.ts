import type { ChangesFrame, Message, Room, RoomEvent } from '../wire.ts'
import { withoutShown } from './pending.ts'
import { withMember, withoutTyping } from './people.ts'
import type { ViewState } from './state.ts'
import { figureAtPosition, withReachedFigure } from './unread.ts'
import { trimmed, withMessages } from './window.ts'

/** Returns the state after one event: the next event is applied, an old one changes nothing, a later one shows a gap. */
export function applyEvent(state: ViewState, event: RoomEvent): ViewState {
  return apply(state, event.seq - 1, event.seq, [event])
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
  let next: ViewState = { ...state, position: to }
  for (const event of events) {
    // Messages have a number of their latest change, which decides; other events of the stretch may be applied already.
    if (event.seq > position) next = withFacts(next, event)
  }
  next = withReachedFigure({ ...next, window: withMessages(next.window, messages) })
  return withoutShown(limited(next), messages)
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
      return withRoom(withMember(state, event), { updated_at: event.at })
    case 'room': {
      const { description, avatar, at } = event
      return withRoom(state, { description, avatar, updated_at: at })
    }
    default:
      // A revision is in the message itself. Of an event of an unknown, newer type only the number counts.
      return state
  }
}

function messageOf(event: RoomEvent): Message | null {
  return event.type === 'member' || event.type === 'room' ? null : event.message
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
