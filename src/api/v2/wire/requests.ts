import { type Static, Type } from '@sinclair/typebox'
import { Epoch, Id, Seq, said, text } from './common.ts'
import { RequestId } from './errors.ts'
import { UserSeq } from './memberships.ts'
import { metadata, newMetadata } from './metadata.ts'
import { BanRequest, MuteRequest, ReportRequest, UnbanRequest, UnmuteRequest } from './moderation-requests.ts'
import { PinRequest } from './pins.ts'
import {
  DraftRequest,
  MarkUnreadRequest,
  NotificationsRequest,
  PrivateRequest,
  SaveRequest,
} from './private-requests.ts'
import { ReactRequest } from './reaction-requests.ts'
import { threadRequests } from './threads.ts'

/*
 * The requests that a client sends over the socket. A request with an `id` gets exactly one response, `result` or `error`, with that id.
 * Without an id it gets a response only if it is refused. Subscribing always needs an id, because the response says what follows.
 */

const id = { id: Type.Optional(RequestId) }
const body = Type.String({
  description: 'The text; must contain something visible',
  examples: ['Hello, World!'],
  'x-shown': said,
})

const editedBody = Type.String({
  description:
    'The text; must contain something visible, unless the message has attachments. It stays if it is left out',
  examples: ['Hello, World!'],
  'x-shown': said,
})

export const NewMentions = Type.Object(
  {
    // Required, so that nothing else passes for an object without fields.
    users: Type.Array(Id, { maxItems: 50, description: 'Ids of members; may be empty', examples: [[8]] }),
    room: Type.Optional(Type.Boolean()),
    online: Type.Optional(Type.Boolean()),
  },
  {
    description:
      'Whom the message mentions: members, all of them, and those who are online. Others are passed over. If it is left out, the text says it, with `@username`, `@room` and `@online`; no users, and neither of the others, mention nobody',
  },
)
export type NewMentions = Static<typeof NewMentions>
const mentions = Type.Optional(NewMentions)

export const AuthRequest = Type.Object(
  {
    type: Type.Literal('auth'),
    ...id,
    token: Type.String({ maxLength: 256 }),
    batch: Type.Optional(
      Type.Boolean({
        description:
          'Whether the server may send several frames in one, as a JSON array, and the client may do so too, from the result on. Counts for the rooms that are subscribed to afterwards; as it was, if left out',
      }),
    ),
  },
  {
    description:
      "Names the user where the handshake has not, or continues the same user's connection on another token, before the old one ends. Answered with `Identified`",
  },
)

export const SubscribeRequest = Type.Object(
  {
    type: Type.Literal('subscribe'),
    ...id,
    room: Id,
    after: Type.Optional(Seq),
    epoch: Type.Optional(Epoch),
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 200,
        description: 'Number of messages in a snapshot; 50 by default',
      }),
    ),
  },
  {
    description:
      'Hears a room, of which the user must be a member. With `after` everything after that number follows, whatever its age, unless `epoch`, which was told with that position, shows that the history was rewritten since; without it a snapshot comes. Answered with `Subscribed`. Subscribing again replaces the subscription',
  },
)

export const UnsubscribeRequest = Type.Object(
  { type: Type.Literal('unsubscribe'), ...id, room: Id },
  { description: 'Ends a subscription. The result is empty, also if there was none' },
)

export const SendRequest = Type.Object(
  {
    type: Type.Literal('send'),
    ...id,
    room: Id,
    body,
    kind: Type.Optional(
      Type.String({
        description: 'A lower-case word, `text` by default; `system` is reserved for the server',
        examples: ['text'],
        'x-shown': { pattern: '^(?!system$)[a-z][a-z0-9_-]{0,31}$' },
      }),
    ),
    client_id: Type.Optional(
      Type.String({
        description:
          'Idempotency key, 1 to 128 characters, unique among all that the user ever sent: a repeated one makes no second message',
        'x-shown': { minLength: 1, ...text(128) },
      }),
    ),
    reply_to: Type.Optional(Seq),
    in_room: Type.Optional(
      Type.Boolean({
        description:
          'Whether a reply is meant to be shown in the room as well as in its thread, and counts as unread there; `true` by default. Clients that do not show threads show it in any case',
      }),
    ),
    metadata: Type.Optional(metadata),
    attachments: Type.Optional(
      Type.Array(Id, {
        maxItems: 1000,
        description:
          '1 to 10 ids of own uploads to the room, of which no message has one yet. The text may be empty with them',
        examples: [[7]],
        'x-shown': { minItems: 1, maxItems: 10, uniqueItems: true },
      }),
    ),
    mentions,
  },
  {
    description:
      'The result is `Sent` once the message is durable; the sender receives the event like everyone',
  },
)

export const EphemeralRequest = Type.Object(
  {
    type: Type.Literal('ephemeral'),
    ...id,
    room: Id,
    user: Id,
    body,
    kind: SendRequest.properties.kind,
    metadata: Type.Optional(metadata),
  },
  {
    description:
      'Sends a message to one member of the room, `user`, that is not stored and has no number: a frame of type `ephemeral` on all of their connections. The result is `Told`',
  },
)

export const EditRequest = Type.Object(
  {
    type: Type.Literal('edit'),
    ...id,
    room: Id,
    seq: Seq,
    body: Type.Optional(editedBody),
    metadata: Type.Optional(newMetadata),
    mentions,
  },
  {
    description:
      'Replaces what is given of a message: its text, its metadata (`null` removes it), whom it mentions. What is left out stays; a new text says anew whom it mentions. The result is `Revised`',
  },
)

export const DeleteRequest = Type.Object(
  { type: Type.Literal('delete'), ...id, room: Id, seq: Seq },
  { description: 'Deletes a message, and leaves a tombstone. The result is `Revised`' },
)

export const ThreadFollowRequest = Type.Object(
  { type: Type.Literal('thread_follow'), ...id, ...threadRequests.follow },
  { description: 'Follows the thread of a message, or stops to. The result is `OwnThread`' },
)

export const ThreadReadRequest = Type.Object(
  { type: Type.Literal('thread_read'), ...id, ...threadRequests.read },
  { description: "Moves the user's read mark in the thread of a message forward. The result is `OwnThread`" },
)

export const ReadRequest = Type.Object(
  { type: Type.Literal('read'), ...id, room: Id, seq: Seq },
  { description: "Moves the user's read mark forward. The result is `Marked`" },
)

export const DeliveredRequest = Type.Object(
  { type: Type.Literal('delivered'), ...id, room: Id, seq: Seq },
  { description: "Moves the user's delivered mark forward. The result is `Marked`" },
)

export const TypingRequest = Type.Object(
  { type: Type.Literal('typing'), ...id, room: Id, typing: Type.Boolean() },
  { description: 'Reports typing, which lasts six seconds unless repeated, and ends with a send' },
)

export const MembershipsRequest = Type.Object(
  {
    type: Type.Literal('memberships'),
    ...id,
    after: Type.Optional(UserSeq),
    epoch: Type.Optional(Epoch),
  },
  {
    description:
      'What has happened to the own memberships after that number, compacted, and from then on a heartbeat that tells if anything was missed. Without `after`, or if `epoch`, which was told with it, shows that the history was rewritten since, the answer says where to begin. Answered with `Memberships`',
  },
)

export const PingRequest = Type.Object(
  { type: Type.Literal('ping'), ...id },
  { description: 'Checks the connection. The result is empty, and sent at once' },
)

export const ClientFrame = Type.Union([
  AuthRequest,
  SubscribeRequest,
  UnsubscribeRequest,
  SendRequest,
  EphemeralRequest,
  EditRequest,
  DeleteRequest,
  ReactRequest,
  PinRequest,
  BanRequest,
  UnbanRequest,
  MuteRequest,
  UnmuteRequest,
  ReportRequest,
  ReadRequest,
  MarkUnreadRequest,
  DeliveredRequest,
  ThreadFollowRequest,
  ThreadReadRequest,
  TypingRequest,
  MembershipsRequest,
  PrivateRequest,
  DraftRequest,
  SaveRequest,
  NotificationsRequest,
  PingRequest,
])
export type ClientFrame = Static<typeof ClientFrame>
