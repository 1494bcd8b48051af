import type { Sql } from 'postgres'
import { ChatError, type RoomRegister } from '../core/index.ts'
import { codeOf, type Guard, UNIQUE_VIOLATION } from './guard.ts'
import { numberArray } from './pg-array.ts'
import { findRoom } from './room-finder.ts'
import { checkedId, toSeq } from './rows.ts'

type Writer = Pick<RoomRegister, 'createRoom' | 'openDirect' | 'deleteRoom' | 'describe'>

/** What makes and changes rooms: each one call of a function that holds the room's lock. */
export function createRoomWriter(sql: Sql, guard: Guard): Writer {
  return {
    createRoom(room) {
      return guard(async () => {
        try {
          const [row] = await sql<{ room: number }[]>`
            select parley_create_room(${room.name}, ${room.kind}, ${room.creator?.id ?? null}, ${room.description},
              ${room.avatar}, ${numberArray(room.invited)}::text::bigint[])::float8 as room`
          return await findRoom(sql, checkedId(row?.room ?? 0))
        } catch (error) {
          if (codeOf(error) !== UNIQUE_VIOLATION) throw error
          throw new ChatError('conflict', 'Room name already exists', { field: 'name' })
        }
      })
    },

    openDirect(opener, other) {
      return guard(async () => {
        const [row] = await sql<{ room: number | null; made: boolean }[]>`
          select room::float8 as room, made from parley_open_direct(${opener}, ${other})`
        // Another call made it after this statement began, and this one could not see it: now it can.
        const id = row?.room ?? (await directOf(opener, other))
        return { room: await findRoom(sql, checkedId(id)), made: row?.made ?? false }
      })
    },

    deleteRoom(standing, actor) {
      return guard(async () => {
        await sql`select parley_delete_room(${standing.room.id}, ${actor}, ${standing.role})`
      })
    },

    describe(standing, actor, { description, avatar }) {
      const roomId = standing.room.id
      return guard(async () => {
        const [row] = await sql<{ seq: number; at: number; described: string; pictured: string }[]>`
          select seq::float8 as seq, (extract(epoch from at) * 1000)::float8 as at, described, pictured
          from parley_describe(${roomId}, ${actor.id}, ${standing.role}, ${description ?? null}, ${avatar ?? null})`
        if (row === undefined) throw new Error('the description was answered with nothing')
        return {
          type: 'room',
          roomId,
          seq: toSeq(row.seq),
          actor: { id: actor.id, username: actor.username },
          description: row.described,
          avatar: row.pictured,
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
