import type { Member, Message, Room, Seq, UserRef } from '../wire.ts'
import { mentionsOf } from './mentioned.ts'
import { withReacting } from './reacting.ts'
import type { Ended, Pending, ViewState } from './state.ts'
import { unreadOf } from './unread.ts'

/** `live`: everything that has happened is shown, and new events arrive by themselves. */
export type RoomStatus = 'closed' | 'offline' | 'connecting' | 'catching_up' | 'live' | 'stopped' | 'ended'

/** The view of a room at one moment. Immutable: every change makes a new object. */
export interface RoomSnapshot {
  readonly id: number
  readonly status: RoomStatus
  /** Why the view no longer follows the room; `open` starts again. */
  readonly ended: Ended | null
  /** null before the first catch-up. */
  readonly room: Room | null
  /** Everything up to this number is included; null before the first catch-up. */
  readonly position: Seq | null
  /**
   * The latest messages of the room, oldest first and without a gap. Deleted ones are included, with `deleted_at`. The user's own
   * reactions are shown as soon as they are asked for.
   */
  readonly messages: readonly Message[]
  /** Whether there are older messages for `loadOlder`. */
  readonly hasOlder: boolean
  /** The user's messages that are not in `messages` yet, in the order in which they were written. */
  readonly pending: readonly Pending[]
  /** By user id; null in rooms past the list limit. */
  readonly members: ReadonlyMap<number, Member> | null
  readonly memberCount: number
  /** User ids; null in rooms past the list limit. */
  readonly online: ReadonlySet<number> | null
  readonly onlineCount: number
  /** Other users who are typing now. */
  readonly typing: readonly UserRef[]
  /** The number of messages of others after `readSeq`; 1,000 stands for 1,000 or more. */
  readonly unread: number
  /** How many of these mention the user, by name, `@room` or `@online`: as the server has told last, and what has come since. */
  readonly mentions: number
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
}

export function snapshotOf(state: ViewState): RoomSnapshot {
  const { window, readSeq, deliveredSeq, memberCount, position } = state
  const unread = unreadOf(state).count
  const mentions = mentionsOf(state, unread)
  return {
    id: state.roomId,
    status: statusOf(state),
    ended: state.ended,
    room: state.room && {
      ...withMentionCount(state.room, mentions),
      head: position ?? 0,
      member_count: memberCount,
      read_seq: readSeq,
      delivered_seq: deliveredSeq,
      unread,
    },
    position,
    messages: withReacting(window.messages, state.reacting),
    hasOlder: window.from > 0,
    pending: state.pending,
    members: state.members,
    memberCount,
    online: state.online,
    onlineCount: state.onlineCount,
    typing: state.typing.map(({ user }) => user),
    unread,
    mentions,
    readSeq,
    deliveredSeq,
  }
}

/** The field is missing if there are none. */
function withMentionCount({ mentions: _, ...room }: Room, mentions: number): Room {
  return mentions === 0 ? room : { ...room, mentions }
}

function statusOf({ phase, link }: ViewState): RoomStatus {
  if (phase === 'closed' || phase === 'ended') return phase
  if (link !== 'ready') return link
  return phase === 'live' ? 'live' : 'catching_up'
}
