import {
  type Changes,
  type DescribedEvent,
  isId,
  isSeq,
  type MemberChange,
  type MemberEvent,
  type Message,
  type MessageId,
  type Role,
  type RoomEvent,
  type RoomId,
  type Seq,
  type UserId,
  type UserRef,
} from '../../core/index.ts'

/** A message as the queries of `history.ts` return it: numbers as numbers, times in milliseconds. All null where a join found nothing. */
export interface MessageRow {
  readonly seq: Seq
  readonly id: MessageId | null
  readonly version: Seq | null
  readonly sender: UserId
  /** null where SQL has removed the user's row. */
  readonly username: string | null
  readonly key: string
  readonly kind: string
  readonly body: string
  readonly reply: Seq | null
  readonly created: number
  readonly edited: number | null
  readonly deleted: number | null
}

export interface MemberEventRow {
  readonly seq: Seq
  readonly change: MemberChange | 'described'
  readonly role: Role | null
  readonly user: UserId
  readonly username: string | null
  readonly actor: UserId
  readonly actorName: string | null
  readonly at: number
}

/** What has changed in a room, by where it comes from; each up to the same limit. */
export interface ChangeSources {
  readonly head: Seq
  /** What the room is described as now. */
  readonly description: string
  readonly avatar: string
  readonly sent: readonly MessageRow[]
  readonly revised: readonly MessageRow[]
  readonly members: readonly MemberEventRow[]
}

/**
 * Stands in for the name of a user whose row SQL has removed. What they said and did has no foreign key that would forbid it,
 * since checking one costs more than the row that it is for. Nobody can take this name: it holds a space.
 */
export const REMOVED_USERNAME = 'deleted user'

export function toUserRef(id: UserId, username: string | null): UserRef {
  return { id, username: username ?? REMOVED_USERNAME }
}

/** Code points of text on one page of messages, after which it ends; at least one message is on it. */
export const PAGE_TEXT = 262_144

/** The texts' length, in UTF-16 units. */
export function textOf(rows: readonly Pick<MessageRow, 'id' | 'body'>[]): number {
  return rows.reduce((sum, { id, body }) => sum + (id === null ? 0 : body.length), 0)
}

export function toMessage(roomId: RoomId, row: MessageRow): Message | null {
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
    createdAt: new Date(row.created),
    editedAt: row.edited === null ? null : new Date(row.edited),
    deletedAt: row.deleted === null ? null : new Date(row.deleted),
  }
}

/**
 * One stretch of changes from its sources, up to `limit` events. A source that is full, by its number of events or by their
 * text, may have more behind its last number, so the stretch ends at the smallest such number at the latest.
 */
export function toChanges(room: RoomId, sources: ChangeSources, limit: number): Changes {
  const sent = sources.sent.flatMap((row) => messageEvent(room, row, 'seq') ?? [])
  const revised = sources.revised.flatMap((row) => messageEvent(room, row, 'version') ?? [])
  const members = sources.members.map((row) => memberEvent(room, row, sources))
  const cut = (rows: readonly MessageRow[]) => rows.length >= limit || textOf(rows) >= PAGE_TEXT
  const full = [
    ...(cut(sources.sent) ? [sent] : []),
    ...(cut(sources.revised) ? [revised] : []),
    ...(members.length >= limit ? [members] : []),
  ]
  const events = [...sent, ...revised, ...members].sort((a, b) => a.seq - b.seq)
  const whole = Math.min(...full.map((source) => source.at(-1)?.seq ?? 0))
  const page = events.filter((event) => event.seq <= whole).slice(0, limit)
  const last = page.at(-1)
  // All descriptions are told as the room has them now: once is enough.
  const described = page.findLast((event) => event.type === 'room')
  const told = page.filter((event) => event.type !== 'room' || event === described)
  if ((full.length === 0 && events.length <= limit) || last === undefined) {
    return { events: told, head: sources.head, readAt: sources.head }
  }
  return { events: told, head: last.seq, readAt: sources.head }
}

export function toSeq(value: number): Seq {
  if (!isSeq(value)) throw new Error(`the database answered ${value} for a number`)
  return value
}

/** @param value a role's name, as the functions return it; null for nobody's */
export function toRole(value: string | null): Role | null {
  if (value === null || value === 'owner' || value === 'admin' || value === 'member') return value
  throw new Error(`the database answered ${value} for a role`)
}

export function checkedId(value: number) {
  if (!isId(value)) throw new Error(`the database answered ${value} for an id`)
  return value
}

function messageEvent(room: RoomId, row: MessageRow, number: 'seq' | 'version'): RoomEvent | null {
  const message = toMessage(room, row)
  const seq = row[number]
  if (message === null || seq === null) return null
  const type = number === 'seq' ? 'message' : message.deletedAt === null ? 'edited' : 'deleted'
  return { type, roomId: message.roomId, seq, message }
}

function memberEvent(
  roomId: RoomId,
  { seq, change, role, ...row }: MemberEventRow,
  { description, avatar }: ChangeSources,
): MemberEvent | DescribedEvent {
  const actor = toUserRef(row.actor, row.actorName)
  const at = new Date(row.at)
  if (change === 'described') return { type: 'room', roomId, seq, actor, description, avatar, at }
  return {
    type: 'member',
    roomId,
    seq,
    change,
    user: toUserRef(row.user, row.username),
    actor,
    role,
    at,
  }
}
