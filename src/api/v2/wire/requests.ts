import { type Static, Type } from '@sinclair/typebox'
import { Epoch, Id, Seq, said, text } from './common.ts'
import { RequestId } from './errors.ts'
import { UserSeq } from './memberships.ts'

/*
 * The requests that a client sends over the socket. A request with an `id` gets exactly one response, `result` or `error`, with that id.
 * Without an id it gets a response only if it is refused. Subscribing always needs an id, because the response says what follows.
 */

const id = { id: Type.Optional(RequestId) }
const body = Type.String({
  description: 'The words; something in them must be visible',
  examples: ['Hello, World!'],
  'x-shown': said,
})

export const AuthRequest = Type.Object(
  { type: Type.Literal('auth'), ...id, token: Type.String({ maxLength: 256 }) },
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
      Type.Integer({ minimum: 0, maximum: 200, description: 'Messages in a snapshot; 50 by default' }),
    ),
  },
  {
    description:
      'Hears a room, of which the user must be a member. With `after` everything after that number follows, whatever its age, unless `epoch`, which was told with that position, shows that the history was rewritten since; without it a snapshot comes. Answered with `Subscribed`. Subscribing again replaces the subscription',
  },
)

export const UnsubscribeRequest = Type.Object(
  { type: Type.Literal('unsubscribe'), ...id, room: Id },
  { description: 'Hears a room no longer. Answered with an empty result, also where it was not heard' },
)

export const SendRequest = Type.Object(
  {
    type: Type.Literal('send'),
    ...id,
    room: Id,
    body,
    kind: Type.Optional(
      Type.String({
        description: "A lower-case word, `text` by default; `system` is the server's",
        examples: ['text'],
        'x-shown': { pattern: '^(?!system$)[a-z][a-z0-9_-]{0,31}$', default: 'text' },
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
  },
  { description: 'Answered with `Sent` once it is durable; the sender hears the event as everyone does' },
)

export const EditRequest = Type.Object(
  { type: Type.Literal('edit'), ...id, room: Id, seq: Seq, body },
  { description: 'Answered with `Revised`' },
)

export const DeleteRequest = Type.Object(
  { type: Type.Literal('delete'), ...id, room: Id, seq: Seq },
  { description: 'Leaves a tombstone. Answered with `Revised`' },
)

export const ReadRequest = Type.Object(
  { type: Type.Literal('read'), ...id, room: Id, seq: Seq },
  { description: 'Moves the own read mark forward. Answered with `Marked`' },
)

export const DeliveredRequest = Type.Object(
  { type: Type.Literal('delivered'), ...id, room: Id, seq: Seq },
  { description: 'Moves the own delivered mark forward. Answered with `Marked`' },
)

export const TypingRequest = Type.Object(
  { type: Type.Literal('typing'), ...id, room: Id, typing: Type.Boolean() },
  { description: 'Holds for six seconds, unless repeated; ended by a send' },
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
  { description: 'Answered at once, with an empty result' },
)

export const ClientFrame = Type.Union([
  AuthRequest,
  SubscribeRequest,
  UnsubscribeRequest,
  SendRequest,
  EditRequest,
  DeleteRequest,
  ReadRequest,
  DeliveredRequest,
  TypingRequest,
  MembershipsRequest,
  PingRequest,
])
export type ClientFrame = Static<typeof ClientFrame>
