import { type Static, Type } from '@sinclair/typebox'
import { Message } from './bodies.ts'
import { Id, orNull, Seq } from './common.ts'
import { RequestId } from './errors.ts'

/*
 * Pinned messages: the request, its result, and the list.
 */

export const PinRequest = Type.Object(
  {
    type: Type.Literal('pin'),
    id: Type.Optional(RequestId),
    room: Id,
    seq: Seq,
    on: Type.Boolean({ description: '`true` pins it, `false` unpins it' }),
  },
  {
    description:
      'Pins a message for everyone in the room, or unpins it; does nothing if it is so already. For the staff, and for both users of a direct chat. The result is `Pinned`',
  },
)

export const Pinned = Type.Object(
  {
    room: Id,
    seq: Seq,
    on: Type.Boolean({ description: 'Whether the message is pinned now' }),
    shown_at: Seq,
  },
  {
    description:
      'Whether message `seq` is pinned, which is durable. Whoever has everything up to the number `shown_at` sees it',
  },
)
export type Pinned = Static<typeof Pinned>

export const PinnedPage = Type.Object(
  {
    items: Type.Array(Message, { description: 'The latest pinned first, each with `pinned`' }),
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
  },
  { description: 'A page of the pinned messages of a room' },
)
export type PinnedPage = Static<typeof PinnedPage>
