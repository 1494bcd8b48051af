import { type Static, Type } from '@sinclair/typebox'
import { Mentions, ReactionCount, Snapshot, UserRef } from './bodies.ts'
import { Id, MentionCount, orNull, Seq, Time } from './common.ts'
import { RequestId } from './errors.ts'
import { Memberships } from './memberships.ts'
import { Pinned } from './pins.ts'
import { Drafted, Notifications, PrivateState, Saved } from './private.ts'
import { OwnThread } from './threads.ts'

/*
 * The responses to requests that were carried out.
 */

export const Identified = Type.Object(
  { user: UserRef, expires_in_ms: Type.Integer({ minimum: 0 }) },
  {
    description:
      'The identified user, and how long the token is valid; the connection is closed with 1008 when it expires',
  },
)
export type Identified = Static<typeof Identified>

export const Subscribed = Type.Object(
  {
    room: Id,
    mode: Type.Union([Type.Literal('live'), Type.Literal('changes'), Type.Literal('snapshot')]),
    head: Seq,
    snapshot: orNull(Snapshot),
    reset: Type.Optional(
      Type.Literal(true, {
        description:
          'With a snapshot: what the client held of the room is not in its history any more, not even what was acknowledged',
      }),
    ),
  },
  {
    description:
      'How the subscription is served. `live`: what was missed follows event by event, from memory. `changes`: it follows in frames of type `changes`, compacted. `snapshot`: it was too much or no `after` was given, and what is shown begins anew at `snapshot`, whose `room.head` is `head`. Either way a frame of type `live` says when everything has come',
  },
)
export type Subscribed = Static<typeof Subscribed>

export const Sent = Type.Object(
  {
    room: Id,
    seq: Seq,
    message: Id,
    client_id: Type.String(),
    created_at: Time,
    mentions: Type.Optional(Mentions),
  },
  { description: 'The number and id of the message; for a repeated `client_id` those of the first time' },
)
export type Sent = Static<typeof Sent>

export const Revised = Type.Object(
  { room: Id, seq: Seq, version: Seq },
  { description: 'The number of the message, and the number of its edit or deletion' },
)
export type Revised = Static<typeof Revised>

export const Reacted = Type.Object(
  {
    room: Id,
    seq: Seq,
    reaction: ReactionCount.properties.reaction,
    on: Type.Boolean({ description: 'Whether the user reacts so now' }),
    shown_at: Seq,
  },
  {
    description:
      "The user's own reaction to message `seq`, which is durable. Whoever has everything up to the number `shown_at` sees it",
  },
)
export type Reacted = Static<typeof Reacted>

export const Reported = Type.Object(
  { room: Id, seq: Seq, report: Id },
  {
    description: 'The id of the report of message `seq`; a further report by the same user is the first one',
  },
)
export type Reported = Static<typeof Reported>

export const Marked = Type.Object(
  {
    room: Id,
    read_seq: Seq,
    delivered_seq: Seq,
    unread: Type.Integer({ minimum: 0, maximum: 1000, examples: [2] }),
    mentions: MentionCount,
    head: Seq,
  },
  { description: "The user's marks, and the unread count as of `head`" },
)
export type Marked = Static<typeof Marked>

export const Told = Type.Object(
  {
    room: Id,
    user: Id,
    online: Type.Boolean({
      description: 'Whether any connection of the member is open, or was within the grace period',
    }),
  },
  { description: 'The message was sent to the connections of the member `user`, if there are any' },
)
export type Told = Static<typeof Told>

export const Done = Type.Object({}, { description: 'The request was carried out; there is no data' })
export type Done = Static<typeof Done>

export const ResultFrame = Type.Object(
  {
    type: Type.Literal('result'),
    id: RequestId,
    data: Type.Union([
      Identified,
      Subscribed,
      Sent,
      Revised,
      Reacted,
      Pinned,
      Reported,
      Marked,
      OwnThread,
      Memberships,
      PrivateState,
      Drafted,
      Saved,
      Told,
      Notifications,
      Done,
    ]),
    remaining: Type.Optional(
      Type.Integer({
        minimum: 0,
        examples: [499],
        description:
          'With the answer to a `send`: messages, edits and deletions that the user may send at once now. Not a part of `data`, which is the same however often the message is sent',
      }),
    ),
  },
  { description: 'A request was carried out' },
)
export type ResultFrame = Static<typeof ResultFrame>
