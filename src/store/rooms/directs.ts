import type { Sql } from 'postgres'
import type { DirectSummary, RoomRegister, TakeTurn, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { isShown, type MessageRow, messageColumns, senderJoin, textOf, toMessage } from '../messages/index.ts'
import { firstRows, type Part } from '../sql/index.ts'
import { directRooms } from './room-pages.ts'
import {
  type DirectOtherRow,
  directOtherColumns,
  ownRead,
  type RoomRow,
  roomColumns,
  toDirectOther,
  toRoom,
} from './view-rows.ts'

/** Reads a user's direct chats with all that a list of them shows, in one statement. */
export function createDirects(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<RoomRegister, 'directs' | 'direct'> {
  /** The latest message of the room `r`. */
  const said = sql`select * from messages where room_id = r.id and ${isShown(sql, false)}`
  const latest = sql`(${firstRows(sql, said, sql`seq desc`, 1)})`

  /** The number of unread messages of the member `me` in the room `r`, as `n`. The contract demands it without a bound. */
  const unread = sql`(
      select coalesce(parley_unread_all(r.id, me.user_id, ${ownRead(sql)}, r.last_seq, r.direct_low), 0) as n offset 0
    )`

  /** The id of the other user of the direct chat `r`. */
  const otherOf = (user: UserId) =>
    sql`case when r.direct_low = ${user} then r.direct_high else r.direct_low end`

  /** @param some the ids of the rooms */
  const summaries = (user: UserId, some: Part) => sql<DirectRow[]>`
      select ${messageColumns(sql)}, ${roomColumns(sql)}, ${directOtherColumns(sql, otherOf(user))}, unread.n as unread
      from (${some}) wanted
      cross join lateral (select * from rooms where id = wanted.id and kind = 'direct' and deleted_at is null limit 1) r
      cross join lateral (select * from members where room_id = r.id and user_id = ${user} limit 1) me
      left join lateral (select * from users where id = ${otherOf(user)} limit 1) o on true
      left join lateral (select * from users where id = r.creator_id limit 1) c on true
      left join lateral ${latest} m on true ${senderJoin(sql)}
      cross join lateral ${unread} unread
      order by coalesce(m.created_at, r.created_at) desc, r.id desc`

  return {
    directs(user, limit) {
      return guard(async () => {
        // Counts and latest messages are looked up for the rooms of the page only.
        const page = sql`
          select r.id from (${directRooms(sql, user)}) r left join lateral ${latest} m on true
          order by coalesce(m.created_at, r.created_at) desc, r.id desc limit ${limit}`
        const rows = await summaries(user, page)
        await turn(textOf(rows))
        return rows.flatMap((row) => toSummary(row) ?? [])
      })
    },

    direct(user, room) {
      return guard(async () => {
        const [row] = await summaries(user, sql`select ${room}::bigint as id`)
        return row === undefined ? null : toSummary(row)
      })
    },
  }
}

function toSummary(row: DirectRow): DirectSummary | null {
  const other = toDirectOther(row)
  if (other === null) return null
  return {
    room: toRoom(row),
    other,
    lastMessage: toMessage(row.room_id, row),
    unread: row.unread,
  }
}

type DirectRow = MessageRow & RoomRow & DirectOtherRow & { readonly unread: number }
