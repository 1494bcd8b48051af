import type { Sql } from 'postgres'
import {
  MOST_OWN_ROOMS,
  type RecentRoom,
  type RoomReader,
  roomKey,
  type TakeTurn,
  type UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { type MessageRow, messageColumns, senderJoin, textOf, toMessage } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'
import { toView, type ViewRow, viewColumns, viewJoins } from './view-rows.ts'

/**
 * Finds rooms by name and by activity. Of a user's own rooms it looks at the newest `MOST_OWN_ROOMS`, each by its key, so that the cost
 * does not grow with the number of rooms.
 */
export function createRoomSearches(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<RoomReader, 'roomsNamed' | 'recentRooms'> {
  /** The newest rooms that the user is a member of, as `w`. */
  const own = (user: UserId) => {
    const memberships = sql`select room_id from members where user_id = ${user}`
    return sql`(${firstRows(sql, memberships, sql`room_id desc`, MOST_OWN_ROOMS)}) l cross join lateral (
        select * from rooms where id = l.room_id and deleted_at is null limit 1
      ) w`
  }
  const latest = sql`(${firstRows(sql, sql`select * from messages where room_id = w.id`, sql`seq desc`, 1)})`

  return {
    roomsNamed(user, prefix, limit) {
      const begin = roomKey(prefix) ?? ''
      // No room has such a name.
      if (begin === '') return Promise.resolve([])
      // In the order of bytes what begins with a text is between the text and the text with the last character behind it.
      const key = sql`name_key collate "C"`
      const within = sql`${key} >= ${begin}::text collate "C" and ${key} <= ${`${begin}\u{10ffff}`}::text collate "C"`
      const open = sql`select *, ${key} as key from rooms where kind = 'public' and name_key is not null and ${within}`
      return guard(async () => {
        const rows = await sql<ViewRow[]>`
          select ${viewColumns(sql)} from (
            select id, min(key) as key from (
              (select id, key from (${firstRows(sql, open, sql`key, id`, limit)}) a)
              union all
              (select id, key from (select w.*, w.name_key collate "C" as key from ${own(user)}) b
                where ${within} order by key, id limit ${limit})
            ) found group by id order by min(key), id limit ${limit}
          ) page cross join lateral (select * from rooms where id = page.id limit 1) r
          ${viewJoins(sql, user)} order by page.key, page.id`
        return rows.map(toView)
      })
    },

    recentRooms(user, { skip, limit }) {
      return guard(async () => {
        const page = sql`
          select w.id, coalesce(m.created_at, w.created_at) as at from ${own(user)} left join lateral ${latest} m on true
          order by coalesce(m.created_at, w.created_at) desc, w.id desc offset ${skip} limit ${limit}`
        const rows = await sql<(ViewRow & MessageRow)[]>`
          select ${messageColumns(sql)}, ${viewColumns(sql)}
          from (${page}) page
          cross join lateral (select * from rooms where id = page.id limit 1) w
          cross join lateral (select w.*) r
          ${viewJoins(sql, user)}
          left join lateral ${latest} m on true ${senderJoin(sql)}
          order by page.at desc, page.id desc`
        await turn(textOf(rows))
        return rows.map(
          (row): RecentRoom => ({ view: toView(row), lastMessage: toMessage(row.room_id, row) }),
        )
      })
    },
  }
}
