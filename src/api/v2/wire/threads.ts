import { type Static, Type } from '@sinclair/typebox'
import { Message } from './bodies.ts'
import { Id, orNull, Seq } from './common.ts'

/*
 * Threads, and what they are to the reader.
 */

export const OwnThread = Type.Object(
  {
    room: Id,
    root: Seq,
    following: Type.Boolean({ description: 'Whether the reader follows the thread' }),
    read_seq: Seq,
    unread: Type.Integer({
      minimum: 0,
      maximum: 1000,
      description: 'Replies of others after `read_seq`; at most 1,000, which stands for 1,000 or more',
      examples: [2],
    }),
    version: Type.Integer({
      minimum: 0,
      description:
        'Counts the changes of `following` and `read_seq`: of two states the one with the higher version is later',
      examples: [3],
    }),
  },
  { description: 'What a thread is to the reader, who has read it up to `read_seq`' },
)
export type OwnThread = Static<typeof OwnThread>

export const ThreadPage = Type.Object(
  {
    message: Message,
    own: OwnThread,
    items: Type.Array(Message, { description: 'Replies, oldest first' }),
    prev: orNull(Type.String({ description: 'The cursor of the page of older replies' })),
    next: orNull(Type.String({ description: 'The cursor of the page of newer replies' })),
    head: Seq,
  },
  {
    description:
      'A page of the replies in a thread. `message` begins it, and has it in `thread`; that is missing while nobody has replied',
  },
)
export type ThreadPage = Static<typeof ThreadPage>

export const FollowedThread = Type.Object(
  { message: Message, own: OwnThread },
  { description: 'A thread that the caller follows: the message that begins it, with its `thread`' },
)
export type FollowedThread = Static<typeof FollowedThread>

export const FollowedPage = Type.Object(
  {
    items: Type.Array(FollowedThread),
    next: orNull(Type.String({ description: 'The cursor of the next page; null for the last page' })),
  },
  { description: 'A page of the threads that the caller follows, the one with the latest reply first' },
)
export type FollowedPage = Static<typeof FollowedPage>

export const ThreadMark = Type.Object(
  { seq: Seq },
  { description: 'The number up to which the thread is read' },
)
export type ThreadMark = Static<typeof ThreadMark>

export const ThreadFrame = Type.Object(
  {
    type: Type.Literal('thread'),
    room: Id,
    root: Seq,
    following: OwnThread.properties.following,
    read_seq: Seq,
    version: OwnThread.properties.version,
  },
  {
    description:
      'The user follows a thread or does not any more, or has read more of it, on this or another device. Sent to every connection of the user. Not sent when following begins with a reply: the reply tells it',
  },
)
export type ThreadFrame = Static<typeof ThreadFrame>

/** Any replied-to message, so that a reply's own number does as well. */
const thread = {
  room: Id,
  seq: Type.Integer({ ...Seq, description: 'The number of any message of the thread' }),
}

export const threadRequests = {
  follow: { ...thread, follow: Type.Boolean({ description: '`true` follows it, `false` stops to' }) },
  read: { ...thread, read_seq: Seq },
}
