import { type Static, Type } from '@sinclair/typebox'
import { Marks, ReactionCount, Snapshot, UserRef } from './bodies.ts'
import { Epoch, Id, MAX_BATCH, orNull, Role, Seq, Time } from './common.ts'
import { ErrorFrame, RequestId } from './errors.ts'
import { MemberEvent, MessageEvent, ReactionEvent, RoomChangedEvent, RoomEvent } from './events.ts'
import { MembershipChangeType, Memberships, UserSeq } from './memberships.ts'
import { MarksFrame, PresenceFrame, TypingFrame } from './signals.ts'

/*
 * The frames of the server: responses, numbered events of rooms (`events.ts`), signals in rooms (`signals.ts`), and frames about the
 * connection and the user.
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

export const Marked = Type.Object(
  {
    room: Id,
    read_seq: Seq,
    delivered_seq: Seq,
    unread: Type.Integer({ minimum: 0, maximum: 1000, examples: [2] }),
    head: Seq,
  },
  { description: "The user's marks, and the unread count as of `head`" },
)
export type Marked = Static<typeof Marked>

export const Done = Type.Object({}, { description: 'The request was carried out; there is no data' })
export type Done = Static<typeof Done>

export const ResultFrame = Type.Object(
  {
    type: Type.Literal('result'),
    id: RequestId,
    data: Type.Union([Identified, Subscribed, Sent, Revised, Reacted, Marked, Memberships, Done]),
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

export const HelloFrame = Type.Object(
  {
    type: Type.Literal('hello'),
    protocol: Type.Integer({ examples: [2] }),
    identified: orNull(Identified),
    heartbeat_ms: Type.Integer({ minimum: 1 }),
    auth_within_ms: Type.Integer({ minimum: 1 }),
    max_frame_bytes: Type.Integer({ minimum: 1 }),
    max_message_length: Type.Integer({ minimum: 1 }),
    max_subscriptions: Type.Integer({ minimum: 1 }),
    batch: Type.Optional(
      Type.Literal(true, {
        description:
          'The server can send several frames in one, as a JSON array, to a client that asks for it: `?batch=1` in the handshake, or `batch` in `auth`. Servers of the previous version do not send it',
      }),
    ),
    max_batch: Type.Optional(
      Type.Integer({
        minimum: 1,
        examples: [MAX_BATCH],
        description: 'The most requests that such a client may send in one frame',
      }),
    ),
    epoch: Type.Optional(Epoch),
  },
  {
    description:
      'The first frame. With `identified` null the client has `auth_within_ms` to say who it is; nothing heard for twice `heartbeat_ms` means that the connection is dead',
  },
)
export type HelloFrame = Static<typeof HelloFrame>

export const ChangesFrame = Type.Object(
  { type: Type.Literal('changes'), room: Id, after: Seq, to: Seq, events: Type.Array(RoomEvent) },
  {
    description:
      'All that is left to see of what happened after `after` up to `to`, compacted: a message that was edited appears once, as it is now. To be applied as a whole; the next event is the one after `to`',
  },
)
export type ChangesFrame = Static<typeof ChangesFrame>

export const LiveFrame = Type.Object(
  { type: Type.Literal('live'), room: Id, seq: Seq },
  { description: 'Everything up to this number has been sent; from here on the room is live' },
)
export type LiveFrame = Static<typeof LiveFrame>

export const StateFrame = Type.Object(
  {
    type: Type.Literal('state'),
    room: Id,
    head: Seq,
    read_seq: Seq,
    delivered_seq: Seq,
    unread: Type.Integer({ minimum: 0, maximum: 1000 }),
    marks: orNull(Type.Array(Marks)),
    online: orNull(Type.Array(Id)),
    online_count: Type.Integer({ minimum: 0 }),
  },
  {
    description:
      "Follows once a subscription is live: the user's marks and unread count as of `head`, all members' marks, and who is online. `marks` and `online` are null in rooms past the list limit",
  },
)
export type StateFrame = Static<typeof StateFrame>

export const UnsubscribedFrame = Type.Object(
  {
    type: Type.Literal('unsubscribed'),
    room: Id,
    reason: Type.Union([Type.Literal('left'), Type.Literal('room_deleted'), Type.Literal('try_again')]),
  },
  {
    description:
      'The server has ended a subscription: the user is no longer a member, the room is deleted, or something that the server needs is unavailable (`try_again`)',
  },
)
export type UnsubscribedFrame = Static<typeof UnsubscribedFrame>

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

export const HeartbeatFrame = Type.Object(
  {
    type: Type.Literal('heartbeat'),
    heads: Type.Record(Type.String(), Seq, {
      description:
        'By room id: the last number sent, for rooms in which it has moved since the last heartbeat',
      examples: [{ '7': 42 }],
    }),
    epoch: Type.Optional(Epoch),
    memberships: Type.Optional(UserSeq),
  },
  {
    description:
      "Sent at least every `heartbeat_ms`. A client that has less than a head subscribes again, with `after`. `memberships`, if present, is the number up to which the user's memberships have come: a client that has less requests them again",
  },
)
export type HeartbeatFrame = Static<typeof HeartbeatFrame>

export const GoingAwayFrame = Type.Object(
  { type: Type.Literal('going_away'), reconnect_after_ms: Type.Integer({ minimum: 0 }) },
  {
    description:
      'The server stops, and will close the connection with 1012. Reconnect after the given delay, which differs for each client',
  },
)
export type GoingAwayFrame = Static<typeof GoingAwayFrame>

export const ServerFrame = Type.Union([
  HelloFrame,
  ResultFrame,
  ErrorFrame,
  MessageEvent,
  MemberEvent,
  RoomChangedEvent,
  ReactionEvent,
  ChangesFrame,
  LiveFrame,
  StateFrame,
  UnsubscribedFrame,
  MarksFrame,
  TypingFrame,
  PresenceFrame,
  MembershipFrame,
  HeartbeatFrame,
  GoingAwayFrame,
])
export type ServerFrame = Static<typeof ServerFrame>
