import type { Sql } from 'postgres'
import {
  ChatError,
  type Invitation,
  type Role,
  type Room,
  type RoomId,
  type RoomRegister,
  type Seq,
  type UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, type Part } from '../sql/index.ts'
import { isRoom } from './one-room.ts'
import {
  type MemberRow,
  memberColumns,
  type OtherRow,
  otherColumns,
  type RestraintRow,
  type RoomRow,
  restraintColumns,
  restraintJoins,
  roomColumns,
  toMember,
  toRestraints,
  toRoom,
  toUser,
} from './view-rows.ts'

type Finder = Pick<
  RoomRegister,
  'accessFacts' | 'members' | 'member' | 'invitations' | 'invitation' | 'readMarks'
>

/** Finds rooms and their members. */
export function createRoomFinder(sql: Sql, guard: Guard): Finder {
  /** @param some rows of `members` */
  const membersOf = (some: Part) => sql<MemberRow[]>`
    select ${memberColumns(sql)}
    from (${some}) m cross join lateral (select * from users where id = m.user_id limit 1) o order by m.user_id`

  /** @param some rows of `invitations` */
  const invitationsOf = (some: Part) => sql<InvitationRow[]>`
    select ${otherColumns(sql)}, i.invited_by::float8 as inviter,
      (select username from users where id = i.invited_by) as inviter_name,
      (extract(epoch from i.created_at) * 1000)::float8 as at
    from (${some}) i cross join lateral (select * from users where id = i.user_id limit 1) o order by i.user_id`

  return {
    accessFacts(ref, user) {
      // No user has the id 0, so it matches no row.
      const who = user ?? 0
      const one = isRoom(sql, ref, user)
      if (one === null) return Promise.resolve(null)
      return guard(async () => {
        const [row] = await sql<(RoomRow & RestraintRow & { role: Role | null; invited: boolean })[]>`
          select ${roomColumns(sql)}, me.role, me.role is null and (
              select true from invitations where room_id = r.id and user_id = ${who} limit 1
            ) is not null as invited, ${restraintColumns(sql)}
          from rooms r
          left join lateral (select role from members where room_id = r.id and user_id = ${who} limit 1) me on true
          ${restraintJoins(sql, who)}
          left join lateral (select * from users where id = r.creator_id limit 1) c on true
          where ${one} and r.deleted_at is null`
        if (row === undefined) return null
        return { room: toRoom(row), role: row.role, invited: row.invited, ...toRestraints(row) }
      })
    },

    members(room, { after, limit }) {
      return guard(async () => {
        const rows = await membersOf(
          firstRows(
            sql,
            sql`select * from members where room_id = ${room} and user_id > ${after}`,
            sql`user_id`,
            limit,
          ),
        )
        return rows.map(toMember)
      })
    },

    member(room, user) {
      return guard(async () => {
        const [row] = await membersOf(
          sql`select * from members where room_id = ${room} and user_id = ${user}`,
        )
        return row === undefined ? null : toMember(row)
      })
    },

    invitations(room, { after, limit }) {
      return guard(async () => {
        const rows = await invitationsOf(
          firstRows(
            sql,
            sql`select * from invitations where room_id = ${room} and user_id > ${after}`,
            sql`user_id`,
            limit,
          ),
        )
        return rows.map(toInvitation)
      })
    },

    invitation(room, user) {
      return guard(async () => {
        const [row] = await invitationsOf(
          sql`select * from invitations where room_id = ${room} and user_id = ${user}`,
        )
        return row === undefined ? null : toInvitation(row)
      })
    },

    readMarks(room) {
      return guard(async () => {
        const rows = await sql<{ user: UserId; seq: Seq }[]>`
          select user_id::float8 as user, read_seq::float8 as seq from members where room_id = ${room}`
        return new Map(rows.map((row) => [row.user, row.seq]))
      })
    },
  }
}

/** Returns a room. @throws ChatError `not_found` */
export async function findRoom(sql: Sql, id: RoomId): Promise<Room> {
  const [row] = await sql<RoomRow[]>`
    select ${roomColumns(sql)} from rooms r left join users c on c.id = r.creator_id
    where r.id = ${id} and r.deleted_at is null`
  if (row === undefined) throw new ChatError('not_found', 'Room not found')
  return toRoom(row)
}

function toInvitation(row: InvitationRow): Invitation {
  return {
    user: toUser(row),
    invitedBy: { id: row.inviter, username: row.inviter_name },
    at: new Date(row.at),
  }
}

interface InvitationRow extends OtherRow {
  readonly inviter: UserId
  readonly inviter_name: string
  readonly at: number
}
