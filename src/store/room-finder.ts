import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import {
  ChatError,
  formProblem,
  type Room,
  type RoomId,
  type RoomRegister,
  type UserId,
} from '../core/index.ts'
import type { Guard } from './guard.ts'
import { invitations, members, rooms, users } from './schema.ts'
import { userColumns } from './users.ts'

type Finder = Pick<
  RoomRegister,
  'standing' | 'members' | 'member' | 'invitations' | 'invitation' | 'readMarks'
>

/** Finding rooms and their members. */
export function createRoomFinder(db: PostgresJsDatabase, guard: Guard): Finder {
  const selectMembers = () =>
    db
      .select({
        user: userColumns,
        role: members.role,
        readSeq: members.readSeq,
        deliveredSeq: members.deliveredSeq,
        joinedAt: members.joinedAt,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))

  const inviters = alias(users, 'inviters')
  const selectInvitations = () =>
    db
      .select({
        user: userColumns,
        invitedBy: { id: inviters.id, username: inviters.username },
        at: invitations.createdAt,
      })
      .from(invitations)
      .innerJoin(users, eq(users.id, invitations.userId))
      .innerJoin(inviters, eq(inviters.id, invitations.invitedBy))

  return {
    standing(ref, user) {
      // Text that the database cannot hold names nothing in it.
      if ('name' in ref && formProblem(ref.name) !== null) return Promise.resolve(null)
      return guard(async () => {
        // An id of 0 belongs to nobody: what is asked for nobody matches no row.
        const who = user ?? sql<UserId>`0`
        const [row] = await db
          .select({ ...roomColumns, role: members.role, invitedBy: invitations.invitedBy })
          .from(rooms)
          .leftJoin(users, eq(users.id, rooms.creatorId))
          .leftJoin(members, and(eq(members.roomId, rooms.id), eq(members.userId, who)))
          .leftJoin(invitations, and(eq(invitations.roomId, rooms.id), eq(invitations.userId, who)))
          .where(and('id' in ref ? eq(rooms.id, ref.id) : eq(rooms.name, ref.name), isNull(rooms.deletedAt)))
        return row === undefined
          ? null
          : { room: toRoom(row), role: row.role, invited: row.invitedBy !== null && row.role === null }
      })
    },

    members(room, { after, limit }) {
      return guard(async () => {
        const rows = await selectMembers()
          .where(and(eq(members.roomId, room), gt(members.userId, sql`${after}`)))
          .orderBy(asc(members.userId))
          .limit(limit)
        return rows
      })
    },

    member(room, user) {
      return guard(async () => {
        const [row] = await selectMembers().where(and(eq(members.roomId, room), eq(members.userId, user)))
        return row ?? null
      })
    },

    invitations(room, { after, limit }) {
      return guard(async () => {
        const rows = await selectInvitations()
          .where(and(eq(invitations.roomId, room), gt(invitations.userId, sql`${after}`)))
          .orderBy(asc(invitations.userId))
          .limit(limit)
        return rows
      })
    },

    invitation(room, user) {
      return guard(async () => {
        const [row] = await selectInvitations().where(
          and(eq(invitations.roomId, room), eq(invitations.userId, user)),
        )
        return row ?? null
      })
    },

    readMarks(room) {
      return guard(async () => {
        const rows = await db
          .select({ user: members.userId, seq: members.readSeq })
          .from(members)
          .where(eq(members.roomId, room))
        return new Map(rows.map((row) => [row.user, row.seq]))
      })
    },
  }
}

/** A room that is known to be there. */
export async function findRoom(db: PostgresJsDatabase, id: RoomId): Promise<Room> {
  const [row] = await db
    .select(roomColumns)
    .from(rooms)
    .leftJoin(users, eq(users.id, rooms.creatorId))
    .where(and(eq(rooms.id, id), isNull(rooms.deletedAt)))
  if (row === undefined) throw new ChatError('not_found', 'Room not found')
  return toRoom(row)
}

/** Needs the creator joined as `users`. */
export const roomColumns = {
  id: rooms.id,
  name: rooms.name,
  kind: rooms.kind,
  creatorId: rooms.creatorId,
  creatorName: users.username,
  description: rooms.description,
  avatar: rooms.avatar,
  lastSeq: rooms.lastSeq,
  memberCount: rooms.memberCount,
  createdAt: rooms.createdAt,
  updatedAt: rooms.updatedAt,
}

export function toRoom({ creatorId, creatorName, ...row }: RoomRow): Room {
  const creator = creatorId === null || creatorName === null ? null : { id: creatorId, username: creatorName }
  const { id, name, kind, description, avatar, lastSeq, memberCount, createdAt, updatedAt } = row
  return { id, name, kind, creator, description, avatar, lastSeq, memberCount, createdAt, updatedAt }
}

export interface RoomRow extends Omit<Room, 'creator'> {
  readonly creatorId: UserId | null
  readonly creatorName: string | null
}
