import type { Sql } from 'postgres'
import { ChatError, lookAlikeKey, type RoomRegister, roomKey } from '../../core/index.ts'
import { codeOf, type Guard, UNIQUE_VIOLATION } from '../connection/index.ts'
import { createRoom, deleteRoom, describeRoom, openDirect } from '../functions/index.ts'
import { checkedId, toJsonText, toSeq } from '../messages/index.ts'
import { findRoom } from './room-finder.ts'

type Writer = Pick<RoomRegister, 'createRoom' | 'openDirect' | 'deleteRoom' | 'describe'>

/** Creates and changes rooms. Each change is one call of a SQL function that holds the room's lock. */
export function createRoomWriter(sql: Sql, guard: Guard): Writer {
  return {
    createRoom(room) {
      return guard(async () => {
        try {
          const { name, kind, description, avatar, invited } = room
          const [key, look_alike] = [roomKey(name), lookAlikeKey(name)]
          const creator = room.creator?.id ?? null
          const made = await createRoom.row(sql, {
            name,
            kind,
            creator,
            description,
            avatar,
            invited,
            key,
            look_alike,
          })
          return { room: await findRoom(sql, checkedId(made.room)), numbers: (made.numbers ?? []).map(toSeq) }
        } catch (error) {
          if (codeOf(error) !== UNIQUE_VIOLATION) throw error
          throw new ChatError('conflict', 'Room name already exists', { field: 'name' })
        }
      })
    },

    openDirect(opener, other) {
      return guard(async () => {
        const { room, made, numbers } = await openDirect.row(sql, { opener, other })
        // Another call created the room after this statement began, so only a further statement sees it.
        const id = room ?? (await directOf(opener, other))
        return { room: await findRoom(sql, checkedId(id)), made, numbers: (numbers ?? []).map(toSeq) }
      })
    },

    deleteRoom(access, actor) {
      return guard(async () => {
        const row = await deleteRoom.row(sql, { room: access.room.id, actor, actor_role: access.role })
        return row.users.map((user, index) => ({
          user: checkedId(user),
          seq: toSeq(row.numbers[index] ?? 0),
        }))
      })
    },

    describe(access, actor, { description, avatar, metadata }) {
      const roomId = access.room.id
      return guard(async () => {
        const row = await describeRoom.row(sql, {
          room: roomId,
          actor: actor.id,
          actor_role: access.role,
          description: description ?? null,
          avatar: avatar ?? null,
          metadata: metadata === undefined ? null : (metadata ?? 'null'),
        })
        return {
          type: 'described',
          roomId,
          seq: toSeq(row.seq),
          actor: { id: actor.id, username: actor.username },
          description: row.described,
          avatar: row.pictured,
          metadata: toJsonText(row.annotated),
          at: new Date(row.at),
        }
      })
    },
  }

  async function directOf(opener: number, other: number): Promise<number> {
    const [row] = await sql<{ id: number }[]>`
      select id::float8 as id from rooms where direct_low is not null
        and direct_low = ${Math.min(opener, other)} and direct_high = ${Math.max(opener, other)}`
    return row?.id ?? 0
  }
}
