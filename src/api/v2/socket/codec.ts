import { type Signal, TYPING_MS } from '../../../core/index.ts'
import type { Codec } from '../../../server/index.ts'
import { isoTime } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { eventBody } from '../event-bodies.ts'
import type { ServerFrame } from '../wire/index.ts'

/** Rooms as v2 shows them: every number, each by itself or within a stretch, and what is of the moment. */
export const v2Codec: Codec = {
  name: 'v2',

  event(event) {
    return frame(eventBody(event))
  },

  changes(events, { after, to }, { id }) {
    return frame({ type: 'changes', room: id, after, to, events: events.map(eventBody) })
  },

  signal(signal, { id }) {
    const shown = signalFrame(signal, id)
    return shown === null ? null : frame(shown)
  },
}

/** What a signal looks like to the users whom it concerns. @param room in which it is shown */
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
      // Arrivals at a room are the older contracts'; the end of a room is told to each connection by itself.
      return null
  }
}

/** A frame as text: typed, so that nothing is sent that the schemas do not have. */
export function frame(value: ServerFrame): string {
  return JSON.stringify(value)
}
