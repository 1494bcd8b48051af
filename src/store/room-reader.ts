import type { Sql } from 'postgres'
import {
  formProblem,
  type Marks,
  type RoomId,
  type RoomReader,
  type RoomScope,
  type Seq,
  type UserId,
} from '../core/index.ts'
import type { Guard } from './guard.ts'
import { messageColumns } from './history.ts'
import { type MessageRow, toMessage } from './rows.ts'
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

type Reader = Pick<RoomReader, 'view' | 'views' | 'unreadRooms' | 'snapshot' | 'facts'>

/** Rooms as one user sees them. Each is one statement, so one consistent picture. */
export function createRoomReader(sql: Sql, guard: Guard): Reader {
  /** The page's rooms come first, so that nothing is looked up, least of all counted, for any other. */
  function page(user: UserId, scope: RoomScope, after: number, limit: number) {
    if (scope === 'public') {
      return sql`select * from rooms where kind = 'public' and deleted_at is null and id > ${after} order by id limit ${limit}`
    }
    const list = scope === 'invited' ? sql`invitations` : sql`members`
    const kind = scope === 'direct' ? sql`and w.kind = 'direct'` : sql``
    return sql`select w.* from ${list} l join rooms w on w.id = l.room_id and w.deleted_at is null ${kind}
      where l.user_id = ${user} and l.room_id > ${after} order by l.room_id limit ${limit}`
  }

  return {
    view(ref, user) {
      // Text that the database cannot hold names nothing in it.
      if ('name' in ref && formProblem(ref.name) !== null) return Promise.resolve(null)
      const one = 'id' in ref ? sql`r.id = ${ref.id}` : sql`r.name = ${ref.name}`
      return guard(async () => {
        const [row] = await sql<ViewRow[]>`
          select ${viewColumns(sql)} from rooms r ${viewJoins(sql, user)} where ${one} and r.deleted_at is null`
        return row === undefined ? null : toView(row)
      })
    },

    views(user, scope, { after, limit }) {
      return guard(async () => {
        const rows = await sql<ViewRow[]>`
          select ${viewColumns(sql)} from (${page(user, scope, after, limit)}) r ${viewJoins(sql, user)} order by r.id`
        return rows.map(toView)
      })
    },

    unreadRooms(user, { after, limit }) {
      return guard(async () => {
        const rows = await sql<{ room: RoomId; unread: number; read: Seq; head: Seq }[]>`
          select r.id::float8 as room, unread.n as unread, me.read_seq::float8 as read, r.last_seq::float8 as head
          from members me join rooms r on r.id = me.room_id and r.last_seq > me.read_seq and r.deleted_at is null
          cross join lateral ${unreadCount(sql)} unread
          where me.user_id = ${user} and me.room_id > ${after} and unread.n > 0 order by me.room_id limit ${limit}`
        return rows.map(({ room, unread, read, head }) => ({ room, unread, readSeq: read, head }))
      })
    },

    snapshot(room, user, messages, members) {
      return guard(async () => {
        const [row] = await sql<(ViewRow & { messages: string | null; members: string | null })[]>`
          select ${viewColumns(sql)},
            (select json_agg(x)::text from (
              select ${messageColumns(sql)} from messages m join users u on u.id = m.sender_id
              where m.room_id = r.id and me.user_id is not null order by m.seq desc limit ${messages + 1}) x) as messages,
            case when me.user_id is not null and r.member_count <= ${members} then (select json_agg(x)::text from (
              select ${memberColumns(sql)} from members m join users o on o.id = m.user_id
              where m.room_id = r.id order by m.user_id) x) end as members
          from rooms r ${viewJoins(sql, user)} where r.id = ${room} and r.deleted_at is null`
        if (row === undefined) return null
        const latest = parsed<MessageRow>(row.messages) ?? []
        return {
          view: toView(row),
          messages: latest
            .slice(0, messages)
            .reverse()
            .flatMap((message) => toMessage(message) ?? []),
          hasOlder: latest.length > messages,
          members: parsed<MemberRow>(row.members)?.map(toMember) ?? null,
        }
      })
    },

    facts(room, user, members) {
      return guard(async () => {
        const [row] = await sql<(ViewRow & { marks: string | null })[]>`
          select ${viewColumns(sql)},
            case when me.user_id is not null and r.member_count <= ${members} then (select json_agg(x)::text from (
              select m.user_id as "user", m.read_seq as "readSeq", m.delivered_seq as "deliveredSeq"
              from members m where m.room_id = r.id order by m.user_id) x) end as marks
          from rooms r ${viewJoins(sql, user)} where r.id = ${room} and r.deleted_at is null`
        return row === undefined ? null : { view: toView(row), marks: parsed<Marks>(row.marks) }
      })
    },
  }
}

/** Parsed here: whether the driver parses JSON by itself depends on who else uses the client. */
function parsed<Row>(rows: string | null): Row[] | null {
  return rows === null ? null : JSON.parse(rows)
}
