import { type Signal, TYPING_MS } from '../../../core/index.ts'
import type { Codec } from '../../../server/index.ts'
import { isoTime } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { detailsBody } from '../details-bodies.ts'
import { eventBody } from '../event-bodies.ts'
import type { ServerFrame } from '../wire/index.ts'

/** The kinds of signals that are shown to a room. */
export const SIGNALS = ['marks', 'typing', 'presence'] as const
export type ShownSignal = (typeof SIGNALS)[number]

/** Turns events and signals of rooms into v2 frames. Every number is shown, by itself or within a stretch. */
export const v2Codec: Codec = codec('v2', SIGNALS)

/** One for each choice of signals: an audience is told from another by its codec. */
const chosen: readonly Codec[] = Array.from({ length: 2 ** SIGNALS.length }, (_, choice) => {
  const shows = SIGNALS.filter((_, bit) => choice & (1 << bit))
  return shows.length === SIGNALS.length ? v2Codec : codec(`v2-${shows.join('-')}`, shows)
})

/** Returns the codec that shows some kinds of signals. The same kinds have the same codec. */
export function codecShowing(kinds: readonly ShownSignal[]): Codec {
  const choice = SIGNALS.reduce((sum, kind, bit) => sum | (kinds.includes(kind) ? 1 << bit : 0), 0)
  return chosen[choice] ?? v2Codec
}

function codec(name: string, shows: readonly ShownSignal[]): Codec {
  return {
    name,

    event(event) {
      return frame(eventBody(event))
    },

    changes(events, { after, to }, { id }) {
      return frame({ type: 'changes', room: id, after, to, events: events.map(eventBody) })
    },

    shows,

    signal(signal, { id }) {
      if (isRoomSignal(signal.type) && !shows.includes(signal.type)) return null
      const shown = signalFrame(signal, id)
      return shown === null ? null : frame(shown)
    },
  }
}

function isRoomSignal(type: string): type is ShownSignal {
  return SIGNALS.some((kind) => kind === type)
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
    case 'thread_state': {
      const { root, following, readSeq, version } = signal
      return { type: 'thread', room, root, following, read_seq: readSeq, version }
    }
    case 'ephemeral': {
      const { sender, kind, body, details, at } = signal
      const shown = { type: 'ephemeral', room, sender: userRef(sender), kind, body } as const
      return { ...shown, ...(details === null ? {} : detailsBody(details)), at: isoTime(at) }
    }
    case 'membership': {
      const { change, role, actor, seq } = signal
      const shown = { type: 'membership', room, change, role, actor: userRef(actor) } as const
      return seq === undefined ? shown : { ...shown, user_seq: seq }
    }
    case 'notify': {
      const { seq, reason, sender } = signal
      return { type: 'notify', room, message: seq, reason, sender: userRef(sender) }
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
