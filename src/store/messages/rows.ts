import {
  detailsOf,
  isId,
  isSeq,
  type JsonText,
  type Message,
  type MessageDetails,
  type MessageId,
  type Role,
  type RoomId,
  type Seq,
  storedJson,
  type Thread,
  type UserId,
  type UserRef,
} from '../../core/index.ts'

/** A message as the queries of `history.ts` return it: numbers as numbers, times in milliseconds. All null if a join found no row. */
export interface MessageRow {
  readonly seq: Seq
  readonly id: MessageId | null
  readonly version: Seq | null
  readonly sender: UserId
  /** null if SQL has removed the user's row. */
  readonly username: string | null
  readonly key: string
  readonly kind: string
  readonly body: string
  readonly reply: Seq | null
  readonly details: string | null
  readonly root: Seq | null
  /** null only if the join found no row. */
  readonly in_room: boolean | null
  readonly created: number
  readonly edited: number | null
  readonly deleted: number | null
}

/**
 * The name shown for a user whose row SQL has removed. Messages and events have no foreign key that would forbid it, since checking
 * one costs more than writing the row. The name holds a space, so no user can register it.
 */
export const REMOVED_USERNAME = 'deleted user'

export function toUserRef(id: UserId, username: string | null): UserRef {
  return { id, username: username ?? REMOVED_USERNAME }
}

/** Returns the length of the texts, in UTF-16 units. */
export function textOf(rows: readonly Pick<MessageRow, 'id' | 'body' | 'details'>[]): number {
  return rows.reduce((sum, { id, body, details }) => {
    return id === null ? sum : sum + body.length + (details?.length ?? 0)
  }, 0)
}

/** @param thread that of a reply, if it is told with the message */
export function toMessage(roomId: RoomId, row: MessageRow, thread: Thread | null = null): Message | null {
  if (row.id === null) return null
  return {
    id: row.id,
    roomId,
    seq: row.seq,
    versionSeq: row.version,
    sender: toUserRef(row.sender, row.username),
    clientId: row.key,
    kind: row.kind,
    body: row.body,
    replyTo: row.reply,
    details: toDetails(row.details),
    root: row.root,
    thread,
    inRoom: row.in_room !== false,
    createdAt: new Date(row.created),
    editedAt: row.edited === null ? null : new Date(row.edited),
    deletedAt: row.deleted === null ? null : new Date(row.deleted),
  }
}

/** @param stored as it was written, a JSON object; null for none */
export function toJsonText(stored: string | null): JsonText | null {
  return stored === null ? null : storedJson(stored)
}

/** @param stored null if the message has none */
export function toDetails(stored: string | null): MessageDetails | null {
  return stored === null ? null : detailsOf(stored)
}

export function toSeq(value: number): Seq {
  if (!isSeq(value)) throw new Error(`the database returned ${value} instead of a number`)
  return value
}

/** @param value the name of a role as the SQL functions return it; null for non-members */
export function toRole(value: string | null): Role | null {
  if (value === null || value === 'owner' || value === 'admin' || value === 'member') return value
  throw new Error(`the database returned ${value} instead of a role`)
}

export function checkedId(value: number) {
  if (!isId(value)) throw new Error(`the database returned ${value} instead of an id`)
  return value
}
