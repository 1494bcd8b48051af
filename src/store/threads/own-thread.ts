import type { Sql } from 'postgres'
import type { OwnThread, RoomId, Seq, UserId } from '../../core/index.ts'
import type { Part } from '../sql/index.ts'

/** How many of a thread's latest replies are searched for unread ones; the count is no higher than the second number. */
const UNREAD_WINDOW = 10_000
const UNREAD_MOST = 1000

/** The columns of `OwnRow`; needs the row of `thread_follows`, if there is one, as `f`. */
export function ownColumns(sql: Sql, room: RoomId | Part, root: Part, user: UserId) {
  return sql`coalesce(f.following, false) as following, coalesce(f.read_seq, ${root})::float8 as read_seq,
    coalesce(f.version, 0)::float8 as own_version,
    ${unreadOf(sql, room, root, user, sql`coalesce(f.read_seq, ${root})`)} as unread`
}

export function unreadOf(sql: Sql, room: RoomId | Part, root: Seq | Part, user: UserId, read: Seq | Part) {
  return sql`parley_thread_unread(
    ${room}::bigint, ${root}::bigint, ${user}::bigint, ${read}::bigint, ${UNREAD_WINDOW}, ${UNREAD_MOST})`
}

export interface OwnRow {
  readonly following: boolean
  readonly read_seq: Seq
  readonly own_version: number
  readonly unread: number
}

export function toOwn(
  root: Seq,
  { following, read_seq: readSeq, own_version: version, unread }: OwnRow,
): OwnThread {
  return { root, following, readSeq, unread, version }
}
