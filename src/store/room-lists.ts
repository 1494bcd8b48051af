import { and, asc, eq, gt, isNotNull, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { PageWanted, Room, RoomRegister } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { roomColumns, toRoom } from './room-finder.ts'
import { invitations, members, rooms, users } from './schema.ts'

type Lists = Pick<RoomRegister, 'publicRooms' | 'joinedRooms' | 'ownRooms' | 'enterableRooms'>

/** Lists of rooms, in pages by id. */
export function createRoomLists(db: PostgresJsDatabase, guard: Guard): Lists {
  /** Living rooms that are no direct chats and meet the condition. */
  function list(condition: SQL, { after, limit }: PageWanted): Promise<Room[]> {
    return guard(async () => {
      const rows = await db
        .select(roomColumns)
        .from(rooms)
        .leftJoin(users, eq(users.id, rooms.creatorId))
        .where(and(condition, ne(rooms.kind, 'direct'), isNull(rooms.deletedAt), gt(rooms.id, sql`${after}`)))
        .orderBy(asc(rooms.id))
        .limit(limit)
      return rows.map(toRoom)
    })
  }

  return {
    publicRooms(page) {
      return list(sql`${rooms.kind} = 'public'`, page)
    },

    joinedRooms(user, page) {
      return list(sql`${rooms.id} in (select room_id from members where user_id = ${user})`, page)
    },

    ownRooms(user, page) {
      // The rooms in question by their own indexes, rather than every room with its joins.
      const own = sql`${rooms.id} in (
        select id from rooms where creator_id = ${user} and deleted_at is null
        union select room_id from invitations where user_id = ${user}
        union select room_id from members where user_id = ${user} and invited)`
      return list(own, page)
    },

    enterableRooms(user, { after, limit }) {
      return guard(async () => {
        const rows = await db
          .select({ ...roomColumns, role: members.role })
          .from(rooms)
          .leftJoin(users, eq(users.id, rooms.creatorId))
          .leftJoin(members, and(eq(members.roomId, rooms.id), eq(members.userId, user)))
          .leftJoin(invitations, and(eq(invitations.roomId, rooms.id), eq(invitations.userId, user)))
          .where(
            and(
              or(sql`${rooms.kind} = 'public'`, isNotNull(members.userId), isNotNull(invitations.userId)),
              ne(rooms.kind, 'direct'),
              isNull(rooms.deletedAt),
              gt(rooms.id, sql`${after}`),
            ),
          )
          .orderBy(asc(rooms.id))
          .limit(limit)
        return rows.map((row) => ({ room: toRoom(row), isMember: row.role !== null }))
      })
    },
  }
}
