import { type Signal, TYPING_MS } from '../../../core/index.ts'
import type { Codec } from '../../../server/index.ts'
import { isoTime } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { eventBody } from '../event-bodies.ts'
import type { ServerFrame } from '../wire/index.ts'

/** Turns events and signals of rooms into v2 frames. Every number is shown, by itself or within a stretch. */
export const v2Codec: Codec = {
  name: 'v2',

  event(event) {
    return frame(eventBody(event))
  },

  changes(events, { after, to }, { id }) {
    return frame({ type: 'changes', room: id, after, to, events: events.map(eventBody) })
  },

  shows: ['marks', 'typing', 'presence'],

  signal(signal, { id }) {
    const shown = signalFrame(signal, id)
    return shown === null ? null : frame(shown)
  },
}

/** Returns the frame for a signal, as the users concerned see it. @param room the room in which it is shown */
export function signalFrame(signal: Signal, room: number): ServerFrame | null {
  switch (signal.type) {
    case 'marks': {
      const { user, readSeq, deliveredSeq } = signal
      return { type: 'marks', room, user: user.id, read_seq: readSeq, delivered_seq: deliveredSeq }
    }
    case 'typing': {
      const { user, typing } = signal
      return { type: 'typing', room, user: userRef(user), typing, expires_in_ms: typing ? TYPING_MS : 0 }
    }
    case 'presence': {
      const { user, online, lastSeen } = signal
      const seen = lastSeen === null ? null : isoTime(lastSeen)
      return { type: 'presence', room, user: userRef(user), online, last_seen: seen }
    }
    case 'membership': {
      const { change, role, actor, seq } = signal
      const shown = { type: 'membership', room, change, role, actor: userRef(actor) } as const
      return seq === undefined ? shown : { ...shown, user_seq: seq }
    }
    default:
      // Only the older contracts show arrivals in a room; the deletion of a room is sent to each connection separately.
      return null
  }
}

/** Returns the frame as text. It is typed, so that nothing is sent that the schemas do not have. */
export function frame(value: ServerFrame): string {
  return JSON.stringify(value)
}
