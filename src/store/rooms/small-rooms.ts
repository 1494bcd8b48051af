import type { Sql } from 'postgres'
import type { RoomId, SmallRooms, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, toArray } from '../sql/index.ts'

const ROOMS_PER_USER = 1000

/** Finds the rooms in which members are told who is online. */
export function createSmallRooms(sql: Sql, guard: Guard): SmallRooms {
  return {
    smallRoomsOf(users, members) {
      return guard(async () => {
        // "offset 0" forces a look-up of each of the user's rooms: without statistics the planner would read all rooms.
        const rows = await sql<{ user: UserId; rooms: RoomId[] }[]>`
          select u.id as user, small.rooms
          from unnest(${toArray(users)}::bigint[]) u(id)
          cross join lateral (
            select array_agg(room_id) as rooms from (
              select m.room_id from members m, lateral (
                select from rooms r
                where r.id = m.room_id and r.member_count <= ${members} and r.deleted_at is null offset 0
              ) small_room
              where m.user_id = u.id
              order by m.room_id desc limit ${ROOMS_PER_USER}
            ) newest
          ) small
          where small.rooms is not null`
        return new Map(rows.map(({ user, rooms: own }) => [user, own]))
      })
    },

    memberIds(room, limit) {
      return guard(async () => {
        const rows = await sql<{ user: UserId }[]>`
          select user_id as user from (
            ${firstRows(sql, sql`select * from members where room_id = ${room}`, sql`user_id`, limit)}
          ) m order by user_id`
        return rows.map(({ user }) => user)
      })
    },
  }
}
