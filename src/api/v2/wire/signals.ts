import { type Static, Type } from '@sinclair/typebox'
import { Marks, Message, UserRef } from './bodies.ts'
import { Id, orNull, Seq, Time } from './common.ts'

/*
 * Signals about rooms: neither stored nor numbered, and not repeated to clients that were away.
 */

export const MarksFrame = Type.Object(
  { type: Type.Literal('marks'), room: Id, ...Marks.properties },
  {
    description:
      "A member's marks have moved. In rooms past the list limit, only the user's own marks are sent",
  },
)
export type MarksFrame = Static<typeof MarksFrame>

export const TypingFrame = Type.Object(
  {
    type: Type.Literal('typing'),
    room: Id,
    user: UserRef,
    typing: Type.Boolean(),
    expires_in_ms: Type.Integer({
      minimum: 0,
      description: 'Milliseconds after which typing ends without a further frame',
    }),
  },
  { description: 'A user is typing, or has stopped' },
)
export type TypingFrame = Static<typeof TypingFrame>

export const EphemeralFrame = Type.Object(
  {
    type: Type.Literal('ephemeral'),
    room: Id,
    sender: UserRef,
    kind: Message.properties.kind,
    body: Message.properties.body,
    metadata: Message.properties.metadata,
    at: Time,
  },
  {
    description:
      'A message in a room to this user alone, which is not stored. Sent to every connection of the user, with or without a subscription to the room',
  },
)
export type EphemeralFrame = Static<typeof EphemeralFrame>

export const PresenceFrame = Type.Object(
  {
    type: Type.Literal('presence'),
    room: Id,
    user: UserRef,
    online: Type.Boolean(),
    last_seen: orNull(Time),
  },
  { description: 'A member came online or went offline, in a room that lists its members' },
)
export type PresenceFrame = Static<typeof PresenceFrame>

export const NotifyFrame = Type.Object(
  {
    type: Type.Literal('notify'),
    room: Id,
    message: Seq,
    reason: Type.Union([Type.Literal('mention'), Type.Literal('room'), Type.Literal('online')], {
      description: 'Whether the message names the user, or says `@room` or `@online`',
    }),
    sender: UserRef,
  },
  {
    description:
      'Message number `message` of a room mentions the user, who wants to be notified of it. Sent to connections that are not subscribed to the room, since the others get the message itself. A signal: neither stored nor repeated. `mentions` in rooms counts what was missed',
  },
)
export type NotifyFrame = Static<typeof NotifyFrame>
