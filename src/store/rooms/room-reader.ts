import type { Sql } from 'postgres'
import type { RoomId, RoomReader, Seq } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows } from '../sql/index.ts'
import { isRoom } from './one-room.ts'
import { createRoomPages } from './room-pages.ts'
import { ownRead, toView, unreadCount, type ViewRow, viewColumns, viewJoins } from './view-rows.ts'

type Reader = Pick<RoomReader, 'view' | 'views' | 'unreadRooms'>

/** Reads rooms as one user sees them. Each is one statement, so it sees one snapshot of the database. */
export function createRoomReader(sql: Sql, guard: Guard): Reader {
  const pages = createRoomPages(sql)

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
        select me.room_id as place, r.id, unread.n, unread.mentions, ${ownRead(sql)} as read_seq, r.last_seq
        from members me cross join lateral (
          select * from rooms where id = me.room_id and last_seq > ${ownRead(sql)} and deleted_at is null limit 1
        ) r cross join lateral ${unreadCount(sql)} unread
        where me.user_id = ${user} and me.room_id > ${after} and unread.n + unread.mentions > 0`
      return guard(async () => {
        const rows = await sql<{ room: RoomId; unread: number; mentions: number; read: Seq; head: Seq }[]>`
          select page.id::float8 as room, page.n as unread, page.mentions, page.read_seq::float8 as read, page.last_seq::float8 as head
          from (${firstRows(sql, unreadOnes, sql`place`, limit)}) page order by page.place`
        return rows.map(({ read, ...row }) => ({ ...row, readSeq: read }))
      })
    },
  }
}
