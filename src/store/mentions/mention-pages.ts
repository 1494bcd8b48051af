import type { Sql } from 'postgres'
import {
  type MentionFinder,
  type MessageId,
  MOST_OWN_ROOMS,
  type RoomId,
  type TakeTurn,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { type MessageRow, messageColumns, senderJoin, textOf, toMessage } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'

/**
 * Lists the messages that mention a user, over all rooms. It reads the latest rows of the user, and of each room's, by index; then it
 * leaves out what the user may not see any more, and what says `@room` by users whom the user blocks. So a page may be short, but it costs a bounded time.
 */
export function createMentionPages(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<MentionFinder, 'mentionsOf'> {
  return {
    mentionsOf(user, { before, limit }) {
      const older = before === null ? sql`true` : sql`message_id < ${before}`
      const own = sql`select message_id, room_id, seq, null::bigint as everyones from mentions where user_id = ${user} and ${older}`
      const rooms = sql`select room_id from members where user_id = ${user}`
      const everyones = sql`select * from room_mentions where room_id = l.room_id and sender_id <> ${user} and ${older}`
      return guard(async () => {
        const rows = await sql<(MessageRow & { mention: MessageId; room: RoomId | null })[]>`
          select page.message_id::float8 as mention, me.room_id::float8 as room, ${messageColumns(sql)}
          from (
            select message_id, min(room_id) as room_id, min(seq) as seq,
              case when count(*) = count(everyones) then min(everyones) end as everyones from (
              select * from (${firstRows(sql, own, sql`message_id desc`, limit + 1)}) a
              union all
              select e.message_id, e.room_id, e.seq, e.sender_id
              from (${firstRows(sql, rooms, sql`room_id desc`, MOST_OWN_ROOMS)}) l
              cross join lateral (${firstRows(sql, everyones, sql`message_id desc`, limit + 1)}) e
            ) found group by message_id order by message_id desc limit ${limit + 1}
          ) page
          left join lateral (
            select m.* from members m cross join lateral (select * from rooms where id = m.room_id and deleted_at is null limit 1) r
            where m.room_id = page.room_id and m.user_id = ${user} and (
              select true from user_blocks where user_id = ${user} and blocked_id = page.everyones limit 1) is null limit 1
          ) me on true
          left join lateral (
            select * from messages where room_id = me.room_id and seq = page.seq and deleted_at is null
              and created_at >= me.joined_at limit 1
          ) m on true ${senderJoin(sql)}
          order by page.message_id desc`
        await turn(textOf(rows))
        // One more than wanted shows that there are more.
        const page = rows.slice(0, limit)
        return {
          messages: page.flatMap((row) => (row.room === null ? [] : (toMessage(row.room, row) ?? []))),
          next: rows.length > limit ? (page.at(-1)?.mention ?? null) : null,
        }
      })
    },
  }
}
