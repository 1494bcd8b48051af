import { bigint, boolean, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core'
import type { MessageId } from '../../core/model.ts'
import { roomId, seq, userId } from './columns.ts'

/*
 * Whom messages mention. No foreign keys, as in `messages`: the functions that append, revise and purge messages alone write here, under
 * the room's lock. Most messages mention nobody and have no rows.
 */

/** Members whom a message mentions one by one, or whom `@online` has reached; never its sender. */
export const mentions = pgTable(
  'mentions',
  {
    roomId: roomId().notNull(),
    /** The message's number, and its id. */
    seq: seq().notNull(),
    userId: userId().notNull(),
    messageId: bigint({ mode: 'number' }).$type<MessageId>().notNull(),
    /** Whether the message names the user, and whether it says `@online` and the user was. At least one is true. */
    named: boolean().notNull(),
    online: boolean().notNull(),
  },
  (t) => [
    // What a message mentions, when it is edited or deleted.
    primaryKey({ name: 'mentions_pkey', columns: [t.roomId, t.seq, t.userId] }),
    // A member's unread mentions in a room.
    uniqueIndex('mentions_unread').on(t.userId, t.roomId, t.seq),
    // A user's mentions in all rooms, the latest first.
    uniqueIndex('mentions_latest').on(t.userId, t.messageId),
  ],
)

/** Messages that say `@room`: one row, however many members the room has. */
export const roomMentions = pgTable(
  'room_mentions',
  {
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    messageId: bigint({ mode: 'number' }).$type<MessageId>().notNull(),
    senderId: userId().notNull(),
  },
  (t) => [
    // Those after a member's read mark.
    primaryKey({ name: 'room_mentions_pkey', columns: [t.roomId, t.seq] }),
    // A room's latest.
    uniqueIndex('room_mentions_latest').on(t.roomId, t.messageId),
  ],
)
