import {
  type PerPrivateType,
  type PrivateEntry,
  type PrivateEntryOf,
  perPrivateType,
} from '../../core/index.ts'
import { isoTime } from '../shared/index.ts'
import type * as wire from './wire/index.ts'

/** Returns an entry as v2 shows it, over REST and on the socket alike. */
export function privateBody(entry: PrivateEntry): wire.PrivateEntry {
  return perPrivateType(bodies, entry)
}

/** The form of each type on the wire. */
const bodies: PerPrivateType<wire.PrivateEntry> = {
  draft: (entry) => ({ type: 'draft', ...draftBody(entry) }),
  saved: ({ type, roomId: room, seq: private_seq, item: seq, value, at }) => {
    return { type, room, private_seq, seq, saved: value !== null, at: isoTime(at) }
  },
  mark: ({ type, roomId: room, seq: private_seq, value }) => {
    return { type, room, private_seq, read_seq: value?.readSeq ?? 0, marked_unread: value?.isBehind ?? false }
  },
  notifications: (entry) => ({ type: 'notifications', ...notificationsBody(entry) }),
}

export function draftBody({ roomId: room, seq, value, at }: PrivateEntryOf<'draft'>): wire.Draft {
  return {
    room,
    private_seq: seq,
    text: value?.text ?? '',
    reply_to: value?.replyTo ?? null,
    at: seq === 0 ? null : isoTime(at),
  }
}

export function notificationsBody({
  roomId: room,
  item,
  seq,
  value,
}: PrivateEntryOf<'notifications'>): wire.Notifications {
  const mutedUntil = value?.mutedUntil ?? null
  return {
    room,
    thread: item === 0 ? null : item,
    private_seq: seq,
    level: value?.level ?? null,
    muted_until: mutedUntil === null ? null : isoTime(mutedUntil),
  }
}
