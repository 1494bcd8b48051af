import type { Sql } from 'postgres'
import type {
  AccessFacts,
  Ending,
  JsonText,
  Member,
  Posting,
  Profile,
  Role,
  Room,
  RoomId,
  RoomKind,
  RoomView,
  Seq,
  User,
  UserId,
} from '../../core/index.ts'
import { toUserRef } from '../messages/index.ts'
import type { Part } from '../sql/index.ts'

/** How many of a room's latest numbers are searched for unread messages; the count is no higher. */
export const UNREAD_WINDOW = 10_000
export const UNREAD_MOST = 1000

/** The columns of `RoomRow`; needs the room as `r` and its creator as `c`. */
export function roomColumns(sql: Sql) {
  return sql`r.id::float8 as room_id, r.name, r.kind as room_kind, r.description, r.avatar, r.metadata, r.last_seq::float8 as head,
    r.member_count, r.posting, r.slow_mode, c.id::float8 as creator, c.username as creator_name,
    (extract(epoch from r.created_at) * 1000)::float8 as room_created,
    (extract(epoch from r.updated_at) * 1000)::float8 as room_updated`
}

/** The columns of `RestraintRow`; needs the joins of `restraintJoins`. */
export function restraintColumns(sql: Sql) {
  return sql`ban.until as ban, mute.until as mute`
}

/** Joins the ban or mute that counts now, of a user of whom the role in the room `r` is `me.role`. @param user as `viewJoins` */
export function restraintJoins(sql: Sql, user: UserId | 0 | Part) {
  const until = sql`select coalesce((extract(epoch from until) * 1000)::float8, 0) as until`
  const own = sql`room_id = r.id and user_id = ${user} and coalesce(until > now(), true) limit 1`
  return sql`left join lateral (${until} from bans where me.role is null and ${own}) ban on true
    left join lateral (${until} from mutes where me.role is not null and ${own}) mute on true`
}

/** The columns of `OtherRow`; needs the user as `o`. */
export function otherColumns(sql: Sql) {
  return sql`o.id::float8 as other, o.username as other_name, o.first_name, o.last_name,
    (extract(epoch from o.created_at) * 1000)::float8 as other_created,
    (extract(epoch from o.last_seen_at) * 1000)::float8 as other_seen`
}

/** The columns of `DirectOtherRow`; needs the user as `o`, whose row may be gone. @param id the other user's id, or null */
export function directOtherColumns(sql: Sql, id: Part) {
  return sql`${otherColumns(sql)}, o.metadata as other_metadata, (${id})::float8 as other_id`
}

/** The columns of `ViewRow`; needs `viewJoins`. */
export function viewColumns(sql: Sql) {
  return sql`${roomColumns(sql)}, ${directOtherColumns(sql, otherOf(sql))},
    me.role, i.room_id is not null and me.role is null as invited,
    coalesce(${ownRead(sql)}, 0)::float8 as read_seq, coalesce(me.delivered_seq, 0)::float8 as delivered_seq,
    unread.n as unread, unread.mentions, ${restraintColumns(sql)}`
}

/** Joins what a user sees of the room `r`, each by a primary key. @param user an id, or an SQL expression for one */
export function viewJoins(sql: Sql, user: UserId | Part) {
  return sql`left join lateral (select * from members where room_id = r.id and user_id = ${user} limit 1) me on true
    left join lateral (select * from invitations where room_id = r.id and user_id = ${user} limit 1) i on true
    ${restraintJoins(sql, user)}
    left join lateral (select * from users where id = r.creator_id limit 1) c on true
    left join lateral (
      select * from users where id = ${otherOf(sql)} limit 1
    ) o on true
    cross join lateral ${unreadCount(sql)} unread`
}

/** The id of the other user of the direct chat `r`, seen from its member `me`. */
function otherOf(sql: Sql) {
  return sql`case me.user_id when r.direct_low then r.direct_high when r.direct_high then r.direct_low end`
}

/** How far the member `me` has read in their own eyes. */
export function ownRead(sql: Sql) {
  return sql`coalesce(me.unread_after, me.read_seq)`
}

/**
 * The number of unread messages of the member `me` in the room `r`, as `n`, and of those that mention the member, as `mentions`. The
 * cost does not grow with the numbers.
 */
export function unreadCount(sql: Sql) {
  const counted = sql`r.id, me.user_id, ${ownRead(sql)}, r.last_seq, ${UNREAD_WINDOW}, ${UNREAD_MOST}`
  return sql`(
      select coalesce(parley_unread(${counted}), 0) as n, coalesce(parley_mentions(${counted}), 0) as mentions offset 0
    )`
}

/** The columns of `MemberRow`; needs the member as `m` and the user as `o`. */
export function memberColumns(sql: Sql) {
  return sql`${otherColumns(sql)}, m.role, m.read_seq::float8 as read_seq, m.delivered_seq::float8 as delivered_seq,
    (extract(epoch from m.joined_at) * 1000)::float8 as joined`
}

export function toView(row: ViewRow): RoomView {
  return {
    room: toRoom(row),
    role: row.role,
    invited: row.invited,
    ...toRestraints(row),
    readSeq: row.read_seq,
    deliveredSeq: row.delivered_seq,
    unread: row.unread,
    mentions: row.mentions,
    other: toDirectOther(row),
  }
}

/** Returns the part of the access facts that says what keeps the user out or silent. */
export function toRestraints({ ban, mute }: RestraintRow): Pick<AccessFacts, 'ban' | 'mute'> {
  if (ban === null && mute === null) return {}
  return { ...(ban === null ? {} : { ban: ending(ban) }), ...(mute === null ? {} : { mute: ending(mute) }) }
}

function ending(until: number): Ending {
  return { until: until === 0 ? null : new Date(until) }
}

export function toRoom(row: RoomRow): Room {
  const { creator, creator_name: username } = row
  return {
    id: row.room_id,
    name: row.name,
    kind: row.room_kind,
    creator: creator === null || username === null ? null : { id: creator, username },
    description: row.description,
    avatar: row.avatar,
    metadata: row.metadata,
    lastSeq: row.head,
    memberCount: row.member_count,
    posting: row.posting,
    slowMode: row.slow_mode,
    createdAt: new Date(row.room_created),
    updatedAt: new Date(row.room_updated),
  }
}

export function toUser(row: OtherRow): User {
  return {
    id: row.other,
    username: row.other_name,
    firstName: row.first_name,
    lastName: row.last_name,
    createdAt: new Date(row.other_created),
    lastSeen: row.other_seen === null ? null : new Date(row.other_seen),
  }
}

/** Returns the other user of a direct chat, with a stand-in name if SQL has removed the user's row. */
export function toDirectOther(row: RoomRow & DirectOtherRow): Profile | null {
  if (row.other !== null) return { ...toUser(row), metadata: row.other_metadata }
  if (row.other_id === null) return null
  const createdAt = new Date(row.room_created)
  return {
    ...toUserRef(row.other_id, null),
    firstName: '',
    lastName: '',
    metadata: null,
    createdAt,
    lastSeen: null,
  }
}

export function toMember(row: MemberRow): Member {
  const { role, read_seq: readSeq, delivered_seq: deliveredSeq, joined } = row
  return { user: toUser(row), role, readSeq, deliveredSeq, joinedAt: new Date(joined) }
}

export interface RoomRow {
  readonly room_id: RoomId
  readonly name: string | null
  readonly room_kind: RoomKind
  readonly description: string
  readonly avatar: string
  readonly metadata: JsonText | null
  readonly head: Seq
  readonly member_count: number
  readonly posting: Posting
  readonly slow_mode: number
  readonly creator: UserId | null
  readonly creator_name: string | null
  readonly room_created: number
  readonly room_updated: number
}

export interface OtherRow {
  readonly other: UserId
  readonly other_name: string
  readonly first_name: string
  readonly last_name: string
  readonly other_created: number
  readonly other_seen: number | null
}

/** The columns if the join found no user. */
interface Nobody {
  readonly other: null
}

export type DirectOtherRow = (OtherRow | Nobody) & {
  /** null in rooms that are no direct chats, and for non-members. */
  readonly other_id: UserId | null
  readonly other_metadata: JsonText | null
}

/** When what keeps the user out or silent ends, in milliseconds since 1970: 0 if it does not end by itself, null if there is none. */
export interface RestraintRow {
  readonly ban: number | null
  readonly mute: number | null
}

interface OwnRow extends RestraintRow {
  readonly role: Role | null
  readonly invited: boolean
  readonly read_seq: Seq
  readonly delivered_seq: Seq
  readonly unread: number
  readonly mentions: number
}

export type ViewRow = RoomRow & OwnRow & DirectOtherRow

export interface MemberRow extends OtherRow {
  readonly role: Role
  readonly read_seq: Seq
  readonly delivered_seq: Seq
  readonly joined: number
}
