import { type Static, Type } from '@sinclair/typebox'
import { UserRef } from './bodies.ts'
import { Id, orNull, Role, Time } from './common.ts'
import { MemberChange } from './events.ts'

/*
 * The user's own memberships, of all rooms, in the order of the user's own numbers.
 */

export const MembershipChangeType = Type.Union([...MemberChange.anyOf, Type.Literal('room_deleted')], {
  description: "What happened to the user's membership of a room, or to an invitation",
})

export const UserSeq = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    "A place in the order of the user's own memberships: the number of a change, dense from 1, over all rooms",
  examples: [12],
})

export const MembershipReset = Type.Optional(
  Type.Literal(true, {
    description:
      'Nothing can be told after the number that was given, or none was given: list the rooms anew, and go on after `head`',
  }),
)

export const MembershipChange = Type.Object(
  {
    room: Id,
    user_seq: UserSeq,
    change: MembershipChangeType,
    role: orNull(Role),
    actor: UserRef,
    at: Time,
  },
  {
    description:
      'The latest change of the own membership of a room, by `actor`. `role` is the one after the change, null for no member',
  },
)
export type MembershipChange = Static<typeof MembershipChange>

export const Memberships = Type.Object(
  {
    memberships: Type.Array(MembershipChange, { description: 'At most one for each room, by `user_seq`' }),
    head: UserSeq,
    more: Type.Boolean({ description: 'Whether there are more; request them after `head`' }),
    reset: MembershipReset,
  },
  { description: "Changes of the user's memberships, complete up to `head`" },
)
export type Memberships = Static<typeof Memberships>

export const MembershipPage = Type.Object(
  {
    items: Type.Array(MembershipChange, { description: 'At most one for each room, by `user_seq`' }),
    head: UserSeq,
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
    reset: MembershipReset,
  },
  { description: "A page of changes of the user's memberships, complete up to `head`" },
)
export type MembershipPage = Static<typeof MembershipPage>

export const MembershipFrame = Type.Object(
  {
    type: Type.Literal('membership'),
    room: Id,
    change: MembershipChangeType,
    role: orNull(Role),
    actor: UserRef,
    user_seq: Type.Optional(UserSeq),
  },
  {
    description:
      "The user's membership of a room has changed. Sent to every connection of the user, with or without a subscription to the room. A new direct chat arrives as `joined`. `user_seq` is the next number of the user's memberships: after a gap, request the missed changes with `memberships`. Servers of the previous version do not send it",
  },
)
export type MembershipFrame = Static<typeof MembershipFrame>

export const RolePatch = Type.Object(
  { role: Role },
  { description: '`owner` hands ownership over; the caller becomes an admin' },
)
export type RolePatch = Static<typeof RolePatch>
