import type { Member, Message, Room, Seq, UserRef } from '../wire.ts'
import type { Ended, Pending, ViewState } from './state.ts'
import { unreadOf } from './unread.ts'

/** `live`: everything that has happened is here, and what happens comes by itself. */
export type RoomStatus = 'closed' | 'offline' | 'connecting' | 'catching_up' | 'live' | 'stopped' | 'ended'

/** A room at one moment. Never changed: another moment is another object. */
export interface RoomSnapshot {
  readonly id: number
  readonly status: RoomStatus
  /** Why the view does not follow the room any more; `open` begins anew. */
  readonly ended: Ended | null
  /** null before the first catch-up. */
  readonly room: Room | null
  /** Everything that happened in the room up to this number is in here; null before the first catch-up. */
  readonly position: Seq | null
  /** The latest messages of the room, oldest first and without a gap; deleted ones are there, with `deleted_at`. */
  readonly messages: readonly Message[]
  /** Whether there are messages before these, for `loadOlder`. */
  readonly hasOlder: boolean
  /** One's own messages that are not among `messages` yet, in the order in which they were written. */
  readonly pending: readonly Pending[]
  /** By user id; null in rooms of more members than are listed. */
  readonly members: ReadonlyMap<number, Member> | null
  readonly memberCount: number
  /** Ids; null in rooms of more members than are listed. */
  readonly online: ReadonlySet<number> | null
  readonly onlineCount: number
  /** Others who are typing now. */
  readonly typing: readonly UserRef[]
  /** Messages of others after `readSeq`, at most 1,000: there may be more then. */
  readonly unread: number
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
}

export function snapshotOf(state: ViewState): RoomSnapshot {
  const { window, readSeq, deliveredSeq, memberCount, position } = state
  const unread = unreadOf(state).count
  return {
    id: state.roomId,
    status: statusOf(state),
    ended: state.ended,
    room: state.room && {
      ...state.room,
      head: position ?? 0,
      member_count: memberCount,
      read_seq: readSeq,
      delivered_seq: deliveredSeq,
      unread,
    },
    position,
    messages: window.messages,
    hasOlder: window.from > 0,
    pending: state.pending,
    members: state.members,
    memberCount,
    online: state.online,
    onlineCount: state.onlineCount,
    typing: state.typing.map(({ user }) => user),
    unread,
    readSeq,
    deliveredSeq,
  }
}

function statusOf({ phase, link }: ViewState): RoomStatus {
  if (phase === 'closed' || phase === 'ended') return phase
  if (link !== 'ready') return link
  return phase === 'live' ? 'live' : 'catching_up'
}
