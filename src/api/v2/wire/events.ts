import { type Static, Type } from '@sinclair/typebox'
import { Message, ReactionCount, Thread, UserRef } from './bodies.ts'
import { Id, orNull, Role, Seq, Time } from './common.ts'
import { metadata } from './metadata.ts'
import { rules } from './rules.ts'

/*
 * The durable events of a room. Each takes the room's next number, `seq`; the live stream has every one of them, in
 * order, without a gap. The same bodies come from `GET /rooms/{room}/changes`.
 */

const place = { room: Id, seq: Seq }

export const MessageEvent = Type.Object(
  {
    type: Type.Union([Type.Literal('message'), Type.Literal('edited'), Type.Literal('deleted')]),
    ...place,
    message: Message,
    thread: Type.Optional(Thread),
  },
  {
    description:
      'A message was sent, edited or deleted; `message` is its form after that. With a reply, `thread` is the thread that it is in, after that or as it is by now; of several replies of a thread in one frame of changes, the last has it',
  },
)
export type MessageEvent = Static<typeof MessageEvent>

export const MemberChange = Type.Union([
  Type.Literal('joined'),
  Type.Literal('left'),
  Type.Literal('removed'),
  Type.Literal('invited'),
  Type.Literal('uninvited'),
  Type.Literal('role'),
])
export type MemberChange = Static<typeof MemberChange>

export const MemberEvent = Type.Object(
  {
    type: Type.Literal('member'),
    ...place,
    change: MemberChange,
    user: UserRef,
    actor: UserRef,
    role: orNull(Role),
    at: Time,
  },
  {
    description:
      "A membership has changed: `user`'s, by `actor`. `role` is the one after the change, null for no member",
  },
)
export type MemberEvent = Static<typeof MemberEvent>

export const RoomChangedEvent = Type.Object(
  {
    type: Type.Literal('room'),
    ...place,
    actor: UserRef,
    description: Type.String(),
    avatar: Type.String(),
    metadata: Type.Optional(metadata),
    at: Time,
  },
  { description: 'The description, avatar or metadata of the room was changed; all are as they are now' },
)
export type RoomChangedEvent = Static<typeof RoomChangedEvent>

export const ReactionChange = Type.Object(
  {
    reaction: ReactionCount.properties.reaction,
    added: Type.Array(Id, { description: 'The users who react so since' }),
    removed: Type.Array(Id, { description: 'The users who do not any more' }),
  },
  { description: 'Who has begun and who has stopped to react in one way' },
)
export type ReactionChange = Static<typeof ReactionChange>

export const ReactionEvent = Type.Object(
  {
    type: Type.Literal('reaction'),
    ...place,
    message: Seq,
    reactions: Type.Array(ReactionCount, {
      description: 'All of them, in the order in which they were first used',
    }),
    changed: Type.Array(ReactionChange, {
      description:
        'Everything that has changed since the number before; in `changes`, since the number that they follow',
    }),
    at: Time,
  },
  {
    description:
      'The reactions to the message with the number `message` have changed, and are now `reactions`. The reader is among the users of one if their id was added in `changed`, and no longer if it was removed; otherwise as before',
  },
)
export type ReactionEvent = Static<typeof ReactionEvent>

export const RestraintEvent = Type.Object(
  {
    type: Type.Literal('restraint'),
    ...place,
    change: Type.Union([
      Type.Literal('banned'),
      Type.Literal('unbanned'),
      Type.Literal('muted'),
      Type.Literal('unmuted'),
    ]),
    user: UserRef,
    actor: UserRef,
    until: orNull(Time),
    at: Time,
  },
  {
    description:
      'The staff has banned or muted a user, or has lifted that. `until` is when a ban or mute ends by itself, null if it does not. The ban of a member comes right after the `removed` of the membership',
  },
)
export type RestraintEvent = Static<typeof RestraintEvent>

export const RulesEvent = Type.Object(
  {
    type: Type.Literal('rules'),
    ...place,
    actor: UserRef,
    ...rules,
    at: Time,
  },
  { description: 'Who may post in the room, or how often, was changed' },
)
export type RulesEvent = Static<typeof RulesEvent>

export const PinEvent = Type.Object(
  {
    type: Type.Literal('pin'),
    ...place,
    message: Seq,
    on: Type.Boolean(),
    actor: UserRef,
    at: Time,
  },
  {
    description:
      'The message with the number `message` was pinned (`on` is `true`) or unpinned, by `actor`. The deletion of a message unpins it without such an event',
  },
)
export type PinEvent = Static<typeof PinEvent>

export const RoomEvent = Type.Union([
  MessageEvent,
  MemberEvent,
  RoomChangedEvent,
  ReactionEvent,
  RestraintEvent,
  RulesEvent,
  PinEvent,
])
export type RoomEvent = Static<typeof RoomEvent>
