import { and, eq, sql as expression } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { ChatError, type RoomRegister, type UserRef } from '../core/index.ts'
import { codeOf, type Guard, UNIQUE_VIOLATION } from './guard.ts'
import { fromArray, numberArray } from './pg-array.ts'
import { findRoom } from './room-finder.ts'
import { checkedId, toSeq } from './rows.ts'
import { members, rooms } from './schema.ts'

type Writer = Pick<
  RoomRegister,
  'createRoom' | 'openDirect' | 'deleteRoom' | 'setMember' | 'invite' | 'markRead'
>

/** What changes rooms and memberships: each one call of a function that holds the room's lock. */
export function createRoomWriter(sql: Sql, db: PostgresJsDatabase, guard: Guard): Writer {
  return {
    createRoom(room) {
      return guard(async () => {
        try {
          const [row] = await sql<{ room: number }[]>`
            select parley_create_room(${room.name}, ${room.kind}, ${room.creator?.id ?? null}, ${room.description},
              ${room.avatar}, ${numberArray(room.invited)}::text::bigint[])::float8 as room`
          return await findRoom(db, checkedId(row?.room ?? 0))
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
        return { room: await findRoom(db, checkedId(id)), made: row?.made ?? false }
      })
    },

    deleteRoom(standing, actor) {
      return guard(async () => {
        await sql`select parley_delete_room(${standing.room.id}, ${actor}, ${standing.role})`
      })
    },

    setMember({ change, actor, actorStanding, user, userStanding, role }) {
      const room = actorStanding.room.id
      return guard(async () => {
        const [row] = await sql<{ seq: number; at: number }[]>`
          select seq::float8 as seq, (extract(epoch from at) * 1000)::float8 as at
          from parley_set_member(${room}, ${actor.id}, ${actorStanding.role}, ${actorStanding.invited},
            ${user.id}, ${userStanding.role}, ${userStanding.invited}, ${role}, ${change})`
        return {
          type: 'member',
          roomId: room,
          seq: toSeq(row?.seq ?? 0),
          change,
          user: { id: user.id, username: user.username },
          actor: { id: actor.id, username: actor.username },
          role,
          at: new Date(row?.at ?? 0),
        }
      })
    },

    invite(standing, actor, users) {
      const room = standing.room.id
      return guard(async () => {
        const [row] = await sql<{ invited: string; seqs: string; at: number }[]>`
          select invited::text, seqs::text, (extract(epoch from at) * 1000)::float8 as at
          from parley_invite(${room}, ${actor.id}, ${standing.role}, ${numberArray(users.map((user) => user.id))}::text::bigint[])`
        const seqs = fromArray(row?.seqs ?? '{}')
        const at = new Date(row?.at ?? 0)
        const byId = new Map<number, UserRef>(users.map((user) => [user.id, user]))
        return fromArray(row?.invited ?? '{}').map((id, index) => {
          const user = byId.get(id)
          if (user === undefined) throw new Error(`the database invited ${id}, who was not named`)
          return {
            type: 'member',
            roomId: room,
            seq: toSeq(seqs[index] ?? 0),
            change: 'invited',
            user: { id: user.id, username: user.username },
            actor: { id: actor.id, username: actor.username },
            role: null,
            at,
          }
        })
      })
    },

    markRead(room, user, upTo) {
      return guard(async () => {
        const [row] = await db
          .update(members)
          .set({ readSeq: expression`greatest(${members.readSeq}, least(${upTo}, ${rooms.lastSeq}))` })
          .from(rooms)
          .where(and(eq(members.roomId, room), eq(members.userId, user), eq(rooms.id, room)))
          .returning({ readSeq: members.readSeq })
        return row?.readSeq ?? null
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
