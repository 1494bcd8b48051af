import { Type } from '@sinclair/typebox'
import { Epoch, Id, Seq } from './common.ts'
import { RequestId } from './errors.ts'
import { DraftPut, NotificationsPut, PrivateSeq } from './private.ts'

/*
 * The requests about what a user keeps for themselves.
 */

const id = { id: Type.Optional(RequestId) }

export const MarkUnreadRequest = Type.Object(
  { type: Type.Literal('mark_unread'), ...id, room: Id, seq: Seq },
  {
    description:
      "Marks the messages from `seq` on as unread, on all devices of the user, until they are read again. What others are shown of the user's marks stays as it is. The result is `Marked`",
  },
)

export const PrivateRequest = Type.Object(
  { type: Type.Literal('private'), ...id, after: Type.Optional(PrivateSeq), epoch: Type.Optional(Epoch) },
  {
    description:
      'What the user has changed for themselves after that number, on any device, compacted; from then on frames of type `private` tell what changes. Without `after` everything that is kept. Answered with `PrivateState`',
  },
)

export const DraftRequest = Type.Object(
  { type: Type.Literal('draft'), ...id, room: Id, ...DraftPut.properties },
  { description: "Sets the user's draft in a room, or removes it. The result is `Drafted`" },
)

export const SaveRequest = Type.Object(
  {
    type: Type.Literal('save'),
    ...id,
    room: Id,
    seq: Seq,
    on: Type.Boolean({ description: '`true` saves it, `false` removes it from the saved ones' }),
  },
  {
    description:
      "Saves a message for the user, or removes it from the user's saved ones; does nothing if it is so already. The result is `Saved`",
  },
)

export const NotificationsRequest = Type.Object(
  {
    type: Type.Literal('notifications'),
    ...id,
    room: Id,
    thread: Type.Optional(Seq),
    ...NotificationsPut.properties,
  },
  {
    description:
      'Sets what the user wants to be notified of in a room, or in the thread of message `thread`. The result is `Notifications`',
  },
)
