import type { Sql } from 'postgres'
import type { DirectSummary, RoomRegister } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { messageColumns } from './history.ts'
import { type MessageRow, toMessage } from './rows.ts'
import { type OtherRow, otherColumns, type RoomRow, roomColumns, toRoom, toUser } from './view-rows.ts'

/** A user's direct chats with what a list of them shows, in one statement. */
export function createDirects(sql: Sql, guard: Guard): Pick<RoomRegister, 'directs' | 'direct'> {
  const summaries = sql`
      select ${messageColumns(sql)}, ${roomColumns(sql)}, ${otherColumns(sql)}, count_unread.n as unread
      from members me
      join rooms r on r.id = me.room_id and r.kind = 'direct' and r.deleted_at is null
      join users o on o.id = case when r.direct_low = me.user_id then r.direct_high else r.direct_low end
      left join users c on c.id = r.creator_id
      left join lateral (
        select * from messages where room_id = r.id and deleted_at is null order by seq desc limit 1
      ) m on true
      left join users u on u.id = m.sender_id
      cross join lateral (
        select count(*)::int as n from messages
        where room_id = r.id and seq > me.read_seq and sender_id <> me.user_id and deleted_at is null
      ) count_unread`

  return {
    directs(user, limit) {
      return guard(async () => {
        const rows = await sql<DirectRow[]>`
          ${summaries} where me.user_id = ${user}
          order by coalesce(m.created_at, r.created_at) desc, r.id desc limit ${limit}`
        return rows.map(toSummary)
      })
    },

    direct(user, room) {
      return guard(async () => {
        const [row] = await sql<DirectRow[]>`
          ${summaries} where me.user_id = ${user} and me.room_id = ${room}`
        return row === undefined ? null : toSummary(row)
      })
    },
  }
}

function toSummary(row: DirectRow): DirectSummary {
  return { room: toRoom(row), other: toUser(row), lastMessage: toMessage(row), unread: row.unread }
}

interface DirectRow extends MessageRow, RoomRow, OtherRow {
  readonly unread: number
}
