import type { Sql } from 'postgres'
import type { MemberEvent, Role, RoomId, RoomRegister, UserId, UserRef } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { fromArray, numberArray } from './pg-array.ts'
import { toSeq } from './rows.ts'

type Writer = Pick<RoomRegister, 'setMember' | 'invite' | 'uninvite'>

/** What changes memberships: each one call of a function that holds the room's lock. */
export function createMemberWriter(sql: Sql, guard: Guard): Writer {
  return {
    setMember({ change, actor, actorStanding, user, userStanding, role }) {
      const room = actorStanding.room.id
      return guard(async () => {
        const [row] = await sql<(Stamp & Heir)[]>`
          select seq::float8 as seq, (extract(epoch from at) * 1000)::float8 as at, other::float8 as other, other_role,
            u.username as other_name
          from parley_set_member(${room}, ${actor.id}, ${actorStanding.role}, ${actorStanding.invited},
            ${user.id}, ${userStanding.role}, ${userStanding.invited}, ${role}, ${change}) left join users u on u.id = other`
        const told = (who: UserRef, what: typeof change, becomes: Role | null, further: number) =>
          memberEvent(room, row, further, { change: what, user: who, actor, role: becomes })
        const event = told(user, change, role, 0)
        if (row === undefined || row.other === null) return [event]
        return [event, told({ id: row.other, username: row.other_name }, 'role', row.other_role, 1)]
      })
    },

    invite(standing, actor, users) {
      const room = standing.room.id
      return guard(async () => {
        const [row] = await sql<{ invited: string; seqs: string; at: number }[]>`
          select invited::text, seqs::text, (extract(epoch from at) * 1000)::float8 as at
          from parley_invite(${room}, ${actor.id}, ${standing.role}, ${numberArray(users.map((user) => user.id))}::text::bigint[])`
        const seqs = fromArray(row?.seqs ?? '{}')
        const at = row?.at ?? 0
        const byId = new Map<number, UserRef>(users.map((user) => [user.id, user]))
        return fromArray(row?.invited ?? '{}').map((id, index) => {
          const user = byId.get(id)
          if (user === undefined) throw new Error(`the database invited ${id}, who was not named`)
          const stamp = { seq: seqs[index] ?? 0, at }
          return memberEvent(room, stamp, 0, { change: 'invited', user, actor, role: null })
        })
      })
    },

    uninvite({ actor, actorStanding, user, invitedBy }) {
      const room = actorStanding.room.id
      return guard(async () => {
        const [row] = await sql<Stamp[]>`
          select seq::float8 as seq, (extract(epoch from at) * 1000)::float8 as at
          from parley_uninvite(${room}, ${actor.id}, ${actorStanding.role}, ${actorStanding.invited}, ${user.id}, ${invitedBy})`
        return [memberEvent(room, row, 0, { change: 'uninvited', user, actor, role: null })]
      })
    },
  }
}

/** @param further how many numbers after the one that the database answered */
function memberEvent(
  roomId: RoomId,
  stamp: Stamp | undefined,
  further: number,
  { change, user, actor, role }: Pick<MemberEvent, 'change' | 'user' | 'actor' | 'role'>,
): MemberEvent {
  if (stamp === undefined) throw new Error('the change was answered with nothing')
  return {
    type: 'member',
    roomId,
    seq: toSeq(stamp.seq + further),
    change,
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

/** Whose role changed along, at the next number. */
type Heir =
  | { readonly other: null }
  | { readonly other: UserId; readonly other_name: string; readonly other_role: Role }
