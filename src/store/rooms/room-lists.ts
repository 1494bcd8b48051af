import type { Sql } from 'postgres'
import type { Room, RoomRegister } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import type { Part } from '../sql/index.ts'
import { createRoomPages } from './room-pages.ts'
import { type RoomRow, roomColumns, toRoom } from './view-rows.ts'

type Lists = Pick<RoomRegister, 'publicRooms' | 'joinedRooms' | 'ownRooms' | 'enterableRooms'>

/** Reads lists of rooms without direct chats, in pages by id. */
export function createRoomLists(sql: Sql, guard: Guard): Lists {
  const pages = createRoomPages(sql)

  function list(page: Part): Promise<Room[]> {
    return guard(async () => {
      const rows = await sql<RoomRow[]>`select ${roomColumns(sql)} from (${page}) r ${creator} order by r.id`
      return rows.map(toRoom)
    })
  }

  const creator = sql`left join lateral (select * from users where id = r.creator_id limit 1) c on true`

  return {
    publicRooms: (page) => list(pages.open(page)),
    joinedRooms: (user, page) => list(pages.joinedButDirect(user, page)),
    ownRooms: (user, page) => list(pages.own(user, page)),

    enterableRooms(user, page) {
      return guard(async () => {
        const rows = await sql<(RoomRow & { member: boolean })[]>`
          select ${roomColumns(sql)}, (
              select true from members where room_id = r.id and user_id = ${user} limit 1
            ) is not null as member
          from (${pages.enterable(user, page)}) r ${creator} order by r.id`
        return rows.map((row) => ({ room: toRoom(row), isMember: row.member }))
      })
    },
  }
}
