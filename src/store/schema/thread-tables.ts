import { bigint, boolean, index, integer, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import { roomId, seq, time, userId } from './columns.ts'

/*
 * The tables of threads. No foreign keys, as in `messages`. All but `thread_follows` are written under the room's lock alone
 * (drizzle/functions/parley_reply.sql, parley_unreply.sql). `root` is the number of the message that begins the thread.
 */

/** Each thread, counted. A row agrees with the rows of `thread_replies` and `thread_participants` at every moment. */
export const threads = pgTable(
  'threads',
  {
    roomId: roomId().notNull(),
    root: seq().notNull(),
    /** How many replies there are, without deleted ones. */
    replies: integer().notNull(),
    /** How many users have written them. */
    participants: integer().notNull(),
    /** The first three of them, in the order in which they came to the thread. */
    users: userId().array().notNull(),
    /** The latest of the replies; null if none is left. */
    lastSeq: seq(),
    lastAt: time(),
    /** The room's number at which the thread changed last: a reply was sent or deleted. */
    changedSeq: seq().notNull(),
  },
  (t) => [primaryKey({ name: 'threads_pkey', columns: [t.roomId, t.root] })],
)

/** The replies of each thread, deleted ones apart from the others, so that either are read and counted in the order of the key. */
export const threadReplies = pgTable(
  'thread_replies',
  {
    roomId: roomId().notNull(),
    root: seq().notNull(),
    gone: boolean().notNull(),
    seq: seq().notNull(),
    senderId: userId().notNull(),
  },
  (t) => [primaryKey({ name: 'thread_replies_pkey', columns: [t.roomId, t.root, t.gone, t.seq] })],
)

/** Who has replied in a thread, how often, and since when. Without users whose replies are all deleted. */
export const threadParticipants = pgTable(
  'thread_participants',
  {
    roomId: roomId().notNull(),
    root: seq().notNull(),
    userId: userId().notNull(),
    replies: integer().notNull(),
    /** The reply with which the user came to the thread. */
    firstSeq: seq().notNull(),
  },
  (t) => [
    primaryKey({ name: 'thread_participants_pkey', columns: [t.roomId, t.root, t.userId] }),
    // The first of them.
    uniqueIndex('thread_participants_first').on(t.roomId, t.root, t.firstSeq),
  ],
)

/** How each user follows each thread, and how far they have read in it. A row stays when the user stops to follow. */
export const threadFollows = pgTable(
  'thread_follows',
  {
    userId: userId().notNull(),
    roomId: roomId().notNull(),
    root: seq().notNull(),
    following: boolean().notNull(),
    readSeq: seq().notNull(),
    /** Counts the changes of the row, so that a device can tell the later of two states. */
    version: bigint({ mode: 'number' }).notNull(),
    /** Ascends with the time at which users begin to follow. */
    id: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
  },
  (t) => [
    primaryKey({ name: 'thread_follows_pkey', columns: [t.userId, t.roomId, t.root] }),
    // The threads that a user has followed last.
    index('thread_follows_user').on(t.userId, t.following, t.id),
    // Those of a room that is purged.
    index('thread_follows_room').on(t.roomId),
  ],
)

/** One row: how far the replies from before there were threads have been gathered into threads, by the ids of messages. */
export const threadProgress = pgTable('thread_progress', {
  one: boolean().primaryKey().default(true),
  doneId: bigint({ mode: 'number' }).notNull(),
  /** The last message from before. */
  untilId: bigint({ mode: 'number' }).notNull(),
})
