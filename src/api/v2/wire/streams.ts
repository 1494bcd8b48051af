import { type Static, Type } from '@sinclair/typebox'
import { Epoch, orNull, Seq } from './common.ts'
import { ServerFrame } from './frames.ts'
import { UserSeq } from './memberships.ts'
import { PrivateSeq } from './private.ts'

/*
 * Following rooms over HTTP: what a client asks for instead of opening a socket. The frames are those of the socket.
 */

const following = {
  rooms: Type.Array(
    Type.Array(orNull(Seq), {
      minItems: 2,
      maxItems: 2,
      description: 'A room and a number',
      examples: [[7, 42]],
    }),
    {
      description:
        'The rooms: of each its id, and the number up to which the client has everything, or null for a snapshot',
      examples: [[[7, 42]]],
    },
  ),
  epoch: Type.Optional(Epoch),
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 200,
      description: 'Number of messages in a snapshot; 50 by default',
      examples: [50],
    }),
  ),
  memberships: Type.Optional(UserSeq),
  private: Type.Optional(PrivateSeq),
}

export const EventsRequest = Type.Object(
  {
    ...following,
    signals: Type.Optional(
      Type.Array(Type.Union([Type.Literal('marks'), Type.Literal('typing'), Type.Literal('presence')]), {
        description: 'Which signals to send; all by default',
      }),
    ),
    batch: Type.Optional(
      Type.Boolean({ description: 'Whether an event may hold several frames, as a JSON array' }),
    ),
  },
  { description: 'What a stream of events is to tell of' },
)
export type EventsRequest = Static<typeof EventsRequest>

export const PollRequest = Type.Object(
  {
    ...following,
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 30,
        description: 'The most seconds to wait for something to happen; 0 by default',
        examples: [25],
      }),
    ),
  },
  { description: 'What a poll is to tell of' },
)
export type PollRequest = Static<typeof PollRequest>

export const Polled = Type.Object(
  {
    frames: Type.Array(ServerFrame, { description: 'In the order in which to handle them' }),
    code: Type.Integer({
      description: 'Why the poll has ended: 1000, or the code with which a socket would have been closed',
      examples: [1000],
    }),
  },
  { description: 'What has happened, as the frames that a socket would have been sent' },
)
export type Polled = Static<typeof Polled>
