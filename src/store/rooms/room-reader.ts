import type { Sql } from 'postgres'
import type { RoomId, RoomReader, Seq, TakeTurn } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import {
  type MessageRow,
  messageColumns,
  PAGE_TEXT,
  reactionsOf,
  senderJoin,
  toMessage,
  toSeenReactions,
} from '../messages/index.ts'
import { firstRows, fittingRows } from '../sql/index.ts'
import { isRoom } from './one-room.ts'
import { createRoomPages } from './room-pages.ts'
import {
  type MemberRow,
  memberColumns,
  toMember,
  toView,
  unreadCount,
  type ViewRow,
  viewColumns,
  viewJoins,
} from './view-rows.ts'

type Reader = Pick<RoomReader, 'view' | 'views' | 'unreadRooms' | 'snapshot'>

/** Reads rooms as one user sees them. Each is one statement, so it sees one snapshot of the database. */
export function createRoomReader(sql: Sql, guard: Guard, turn: TakeTurn): Reader {
  const pages = createRoomPages(sql)

  /** The first members of the room `r`. */
  const membersOf = (limit: number) =>
    firstRows(sql, sql`select * from members where room_id = r.id`, sql`user_id`, limit)

  return {
    view(ref, user) {
      const one = isRoom(sql, ref, user)
      if (one === null) return Promise.resolve(null)
      return guard(async () => {
        const [row] = await sql<ViewRow[]>`
          select ${viewColumns(sql)} from rooms r ${viewJoins(sql, user)} where ${one} and r.deleted_at is null`
        return row === undefined ? null : toView(row)
      })
    },

    views(user, scope, wanted) {
      return guard(async () => {
        // Selects the rooms of the page first, so that nothing is looked up or counted for other rooms.
        const page = scope === 'public' ? pages.open(wanted) : pages[scope](user, wanted)
        const rows = await sql<ViewRow[]>`
          select ${viewColumns(sql)} from (${page}) r ${viewJoins(sql, user)} order by r.id`
        return rows.map(toView)
      })
    },

    unreadRooms(user, { after, limit }) {
      const unreadOnes = sql`
        select me.room_id as place, r.id, unread.n, me.read_seq, r.last_seq
        from members me cross join lateral (
          select * from rooms where id = me.room_id and last_seq > me.read_seq and deleted_at is null limit 1
        ) r cross join lateral ${unreadCount(sql)} unread
        where me.user_id = ${user} and me.room_id > ${after} and unread.n > 0`
      return guard(async () => {
        const rows = await sql<{ room: RoomId; unread: number; read: Seq; head: Seq }[]>`
          select page.id::float8 as room, page.n as unread, page.read_seq::float8 as read, page.last_seq::float8 as head
          from (${firstRows(sql, unreadOnes, sql`place`, limit)}) page order by page.place`
        return rows.map(({ room, unread, read, head }) => ({ room, unread, readSeq: read, head }))
      })
    },

    snapshot(room, user, messages, listed) {
      const said = sql`select * from messages where room_id = r.id and me.user_id is not null`
      const latestOf = (limit: number) =>
        fittingRows(sql, firstRows(sql, said, sql`seq desc`, limit), sql`seq desc`, PAGE_TEXT)
      return guard(async () => {
        const [row] = await sql<(ViewRow & { messages: string | null; members: string | null })[]>`
          select ${viewColumns(sql)},
            (select json_agg(x)::text from (
              select ${messageColumns(sql)}, m.more, ${reactionsOf(sql, sql`r.id`, sql`m.seq`, user)} as reactions
              from (${latestOf(messages + 1)}) m ${senderJoin(sql)}
              order by m.seq desc) x) as messages,
            case when me.user_id is not null and r.member_count <= ${listed} then (select json_agg(x)::text from (
              select ${memberColumns(sql)}
              from (${membersOf(listed)}) m cross join lateral (select * from users where id = m.user_id limit 1) o
              order by m.user_id) x) end as members
          from rooms r ${viewJoins(sql, user)} where r.id = ${room} and r.deleted_at is null`
        if (row === undefined) return null
        const text = (row.messages?.length ?? 0) + (row.members?.length ?? 0)
        await turn(text)
        // If no messages are wanted, one is read all the same: it shows whether there are older ones.
        const found = parsed<MessageRow & { more: boolean; reactions: string | null }>(row.messages) ?? []
        const latest = found.slice(0, messages)
        const members = parsed<MemberRow>(row.members)?.map(toMember) ?? null
        return {
          view: toView(row),
          messages: latest.toReversed().flatMap((message) => toMessage(room, message) ?? []),
          reactions: toSeenReactions(latest),
          hasOlder: latest.at(-1)?.more ?? found.length > 0,
          members,
        }
      })
    },
  }
}

/** Parses the JSON here: whether the driver does it depends on whether drizzle uses the same client. */
function parsed<Row>(rows: string | null): Row[] | null {
  return rows === null ? null : JSON.parse(rows)
}
