import type {
  EventOf,
  EventType,
  JsonText,
  MemberChange,
  MemberEvent,
  MessageChange,
  Posting,
  RestraintChange,
  RestraintEvent,
  Role,
  RoomEvent,
  RoomId,
  Seq,
  UserId,
} from '../../core/index.ts'
import { type ShownReactions, toReactions } from './reactions.ts'
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
  /** Of a pin: whether the message is deleted; null for other types. */
  readonly gone: boolean | null
  readonly at: number
  /** Whether there is another row after it that did not fit. */
  readonly more: boolean
}

/** What the room has now, for events that are told as it is by now. */
export interface RoomRow {
  readonly description: string
  readonly avatar: string
  readonly metadata: JsonText | null
  /** By the numbers of the messages that events of the page are about; null for those of which nothing is shown. */
  readonly reactions: Readonly<Record<string, ShownReactions | null>>
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
  described: (roomId, { seq, actor, actorName, at }, { description, avatar, metadata }) => {
    return {
      type: 'described',
      roomId,
      seq,
      actor: toUserRef(actor, actorName),
      description,
      avatar,
      metadata,
      at: new Date(at),
    }
  },
  rules: (roomId, { seq, actor, actorName, payload, at }) => {
    if (!isRulesPayload(payload)) return null
    return {
      type: 'rules',
      roomId,
      seq,
      actor: toUserRef(actor, actorName),
      posting: payload.posting,
      slowMode: payload.slow_mode,
      at: new Date(at),
    }
  },
  banned: restraint('banned'),
  unbanned: restraint('unbanned'),
  muted: restraint('muted'),
  unmuted: restraint('unmuted'),
  reaction: (roomId, { seq, payload, at }, { reactions }) => {
    if (!isReactionPayload(payload)) return null
    const { message } = payload
    const shown = reactions[message]
    // Nothing is told of the reactions to a deleted message.
    if (shown === null || shown === undefined) return null
    const changed = payload.changed.map(([reaction, added, removed]) => ({ reaction, added, removed }))
    return {
      type: 'reaction',
      roomId,
      seq,
      message,
      reactions: toReactions(shown),
      changed,
      at: new Date(at),
    }
  },
  pin: (roomId, { seq, actor, actorName, payload, gone, at }) => {
    // The deletion of a message has unpinned it.
    if (!isPinPayload(payload) || gone !== false) return null
    const { message, on } = payload
    return { type: 'pin', roomId, seq, message, on, actor: toUserRef(actor, actorName), at: new Date(at) }
  },
}

/** As drizzle/functions/parley_pin.sql writes it. */
interface PinPayload {
  readonly message: Seq
  readonly on: boolean
}

function isPinPayload(payload: unknown): payload is PinPayload {
  return typeof payload === 'object' && payload !== null && 'message' in payload && 'on' in payload
}

/** As drizzle/functions/parley_react.sql writes it. */
interface ReactionPayload {
  readonly message: Seq
  readonly changed: readonly (readonly [
    reaction: string,
    added: readonly UserId[],
    removed: readonly UserId[],
  ])[]
}

function isReactionPayload(payload: unknown): payload is ReactionPayload {
  return typeof payload === 'object' && payload !== null && 'message' in payload && 'changed' in payload
}

/** As drizzle/functions/parley_set_rules.sql writes it. */
interface RulesPayload {
  readonly posting: Posting
  readonly slow_mode: number
}

function isRulesPayload(payload: unknown): payload is RulesPayload {
  return typeof payload === 'object' && payload !== null && 'posting' in payload && 'slow_mode' in payload
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

/** The payload is as drizzle/functions/parley_restrain.sql writes it. */
function restraint<T extends RestraintChange>(
  type: T,
): FromRow<Omit<RestraintEvent, 'type'> & { readonly type: T }> {
  return (roomId, { seq, user, username, actor, actorName, payload, at }) => {
    if (user === null) return null
    const until = typeof payload === 'object' && payload !== null && 'until' in payload ? payload.until : null
    return {
      type,
      roomId,
      seq,
      user: toUserRef(user, username),
      actor: toUserRef(actor, actorName),
      until: typeof until === 'number' ? new Date(until) : null,
      at: new Date(at),
    }
  }
}
