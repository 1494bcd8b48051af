import type {
  EventOf,
  EventType,
  MemberChange,
  MemberEvent,
  MessageChange,
  Role,
  RoomEvent,
  RoomId,
  Seq,
  UserId,
} from '../../core/index.ts'
import { toUserRef } from './rows.ts'

/** A row of `room_events` as the query of `history.ts` returns it: numbers as numbers, times in milliseconds. */
export interface EventRow {
  readonly seq: Seq
  /** A newer version's nodes may have written one that this version does not know. */
  readonly type: string
  readonly user: UserId | null
  /** The names are null if SQL has removed the users' rows. */
  readonly username: string | null
  readonly actor: UserId
  readonly actorName: string | null
  readonly role: Role | null
  /** What the columns have no place for. */
  readonly payload: unknown
  readonly at: number
}

/** What the room has now, for events that are told as it is by now. */
export interface RoomRow {
  readonly description: string
  readonly avatar: string
}

/** The types of `room_events`; those of messages are rows of `messages`. */
export type RoomEventType = Exclude<EventType, MessageChange>

/** Makes an event of a row; null if the row is not as this version writes it. */
type FromRow<E> = (roomId: RoomId, row: EventRow, room: RoomRow) => E | null

const fromRow: { readonly [T in RoomEventType]: FromRow<EventOf<T>> } = {
  joined: member('joined'),
  left: member('left'),
  removed: member('removed'),
  invited: member('invited'),
  uninvited: member('uninvited'),
  role: member('role'),
  described: (roomId, { seq, actor, actorName, at }, { description, avatar }) => {
    return {
      type: 'described',
      roomId,
      seq,
      actor: toUserRef(actor, actorName),
      description,
      avatar,
      at: new Date(at),
    }
  },
}

/** Returns null for a type that this version does not know: its number is all that is told of it. */
export function toEvent(roomId: RoomId, row: EventRow, room: RoomRow): RoomEvent | null {
  return isKnown(row.type) ? fromRow[row.type](roomId, row, room) : null
}

function isKnown(type: string): type is RoomEventType {
  return Object.hasOwn(fromRow, type)
}

function member<T extends MemberChange>(type: T): FromRow<Omit<MemberEvent, 'type'> & { readonly type: T }> {
  return (roomId, { seq, user, username, actor, actorName, role, at }) => {
    if (user === null) return null
    return {
      type,
      roomId,
      seq,
      user: toUserRef(user, username),
      actor: toUserRef(actor, actorName),
      role,
      at: new Date(at),
    }
  }
}
