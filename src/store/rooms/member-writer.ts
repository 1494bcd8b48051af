import type { Sql } from 'postgres'
import type { MemberEvent, RoomId, RoomRegister, UserRef } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { invite, setMember, uninvite } from '../functions/index.ts'
import { checkedId, toRole, toSeq } from '../messages/index.ts'

type Writer = Pick<RoomRegister, 'setMember' | 'invite' | 'uninvite'>

/** Changes memberships. Each change is one call of a SQL function that holds the room's lock. */
export function createMemberWriter(sql: Sql, guard: Guard): Writer {
  return {
    setMember({ change, actor, actorAccess, user, userAccess, role }) {
      const room = actorAccess.room.id
      return guard(async () => {
        const row = await setMember.row(sql, {
          room,
          actor: actor.id,
          actor_role: actorAccess.role,
          actor_invited: actorAccess.invited,
          user: user.id,
          user_role: userAccess.role,
          user_invited: userAccess.invited,
          new_role: role,
          change,
        })
        const event = memberEvent(room, row, 0, { type: change, user, actor, role })
        const { other, other_name: username, other_role: becomes } = row
        if (other === null || username === null) return { events: [event], numbers: [toSeq(row.user_number)] }
        // The role of another member changed with it, at the next number.
        const heir = { id: checkedId(other), username }
        const second = memberEvent(room, row, 1, { type: 'role', user: heir, actor, role: toRole(becomes) })
        return {
          events: [event, second],
          numbers: [toSeq(row.user_number), toSeq(row.other_number ?? 0)],
        }
      })
    },

    invite(access, actor, users) {
      const room = access.room.id
      return guard(async () => {
        const { invited, seqs, at, numbers } = await invite.row(sql, {
          room,
          actor: actor.id,
          actor_role: access.role,
          users: users.map((user) => user.id),
        })
        const byId = new Map<number, UserRef>(users.map((user) => [user.id, user]))
        const events = invited.map((id, index) => {
          const user = byId.get(id)
          if (user === undefined) throw new Error(`the database invited ${id}, who is not in the request`)
          const stamp = { seq: seqs[index] ?? 0, at }
          return memberEvent(room, stamp, 0, { type: 'invited', user, actor, role: null })
        })
        return { events, numbers: numbers.map(toSeq) }
      })
    },

    uninvite({ actor, actorAccess, user, invitedBy }) {
      const room = actorAccess.room.id
      return guard(async () => {
        const row = await uninvite.row(sql, {
          room,
          actor: actor.id,
          actor_role: actorAccess.role,
          actor_invited: actorAccess.invited,
          user: user.id,
          invited_by: invitedBy,
        })
        const event = memberEvent(room, row, 0, { type: 'uninvited', user, actor, role: null })
        return { events: [event], numbers: [toSeq(row.user_number)] }
      })
    },
  }
}

/** @param further how many numbers after the one that the database returned */
function memberEvent(
  roomId: RoomId,
  stamp: Stamp,
  further: number,
  { type, user, actor, role }: Pick<MemberEvent, 'type' | 'user' | 'actor' | 'role'>,
): MemberEvent {
  return {
    type,
    roomId,
    seq: toSeq(stamp.seq + further),
    user: { id: user.id, username: user.username },
    actor: { id: actor.id, username: actor.username },
    role,
    at: new Date(stamp.at),
  }
}

interface Stamp {
  readonly seq: number
  readonly at: number
}
