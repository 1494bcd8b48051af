import { type Static, Type } from '@sinclair/typebox'
import { Marks } from './bodies.ts'
import { Epoch, Id, MAX_BATCH, MentionCount, orNull, Seq } from './common.ts'
import { ErrorFrame } from './errors.ts'
import {
  MemberEvent,
  MessageEvent,
  PinEvent,
  ReactionEvent,
  RestraintEvent,
  RoomChangedEvent,
  RoomEvent,
  RulesEvent,
} from './events.ts'
import { MembershipFrame, UserSeq } from './memberships.ts'
import { PrivateFrame } from './private.ts'
import { Identified, ResultFrame } from './results.ts'
import { EphemeralFrame, MarksFrame, NotifyFrame, PresenceFrame, TypingFrame } from './signals.ts'
import { ThreadFrame } from './threads.ts'

/*
 * The frames of the server: responses (`results.ts`), numbered events of rooms (`events.ts`), signals in rooms (`signals.ts`), and frames about the
 * connection and the user.
 */

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
    mentions: MentionCount,
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
  RestraintEvent,
  RulesEvent,
  PinEvent,
  ChangesFrame,
  LiveFrame,
  StateFrame,
  UnsubscribedFrame,
  MarksFrame,
  TypingFrame,
  PresenceFrame,
  EphemeralFrame,
  MembershipFrame,
  PrivateFrame,
  ThreadFrame,
  NotifyFrame,
  HeartbeatFrame,
  GoingAwayFrame,
])
export type ServerFrame = Static<typeof ServerFrame>
