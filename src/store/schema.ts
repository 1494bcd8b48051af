/* The tables, for drizzle: rooms and messages here, accounts in `schema/`. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { EventType, MembershipChangeType, MessageChange } from '../core/events/index.ts'
import type { MessageId, Role } from '../core/model.ts'
import { users } from './schema/account-tables.ts'
import { roomId, seq, time, userId } from './schema/columns.ts'

/*
 * The tables. Every write pays for each index, so each index says what it is for.
 * Functions that write under a room's lock are in `drizzle/functions/`.
 */

export * from './schema/account-tables.ts'
export * from './schema/attachment-tables.ts'
export * from './schema/history-tables.ts'
export * from './schema/mention-tables.ts'
export * from './schema/moderation-tables.ts'
export * from './schema/pin-tables.ts'
export * from './schema/private-tables.ts'
export * from './schema/reaction-tables.ts'
export * from './schema/revision-tables.ts'
export * from './schema/room-tables.ts'
export * from './schema/search-tables.ts'
export * from './schema/thread-tables.ts'

/** Has no foreign keys: the functions that write here hold the room's lock and have just checked the sender, and checking a key costs more than writing the row. */
export const messages = pgTable(
  'messages',
  {
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    id: bigint({ mode: 'number' }).$type<MessageId>().notNull(),
    versionSeq: seq(),
    senderId: userId().notNull(),
    clientId: text().notNull(),
    kind: text().notNull(),
    body: text().notNull(),
    replyTo: seq(),
    /** The number of the message that begins the thread of a reply; null if it is none, or is not gathered yet (`thread_progress`). */
    thread: seq(),
    /** Whether a reply is shown in the room, too, and not only in its thread. */
    inRoom: boolean().notNull().default(true),
    createdAt: time().notNull(),
    editedAt: time(),
    deletedAt: time(),
    /** As `storedDetails` of the core writes it; null if the message has none, as nearly all. Later versions may have put more in. */
    details: jsonb(),
  },
  (t) => [
    // History, in either direction.
    primaryKey({ name: 'messages_pkey', columns: [t.roomId, t.seq] }),
    // `before=<id>`, and changes of a message given by its id. Ids ascend, so the index grows at one end only.
    unique('messages_id').on(t.id),
    // A retry makes no second message, however late it comes.
    uniqueIndex('messages_client').on(t.senderId, t.clientId),
    // `changes after N`. Holds only messages that were changed.
    index('messages_version').on(t.roomId, t.versionSeq).where(sql`version_seq is not null`),
  ],
)

/**
 * How many messages, without tombstones, are among each 1,024 numbers of a room, once all of these are taken. Numbered pages far back
 * are found, and many unread messages counted, by these sums. Triggers maintain them (drizzle/functions/parley_blocks_ended.sql). No
 * foreign keys, as in `messages`.
 */
export const messageBlocks = pgTable(
  'message_blocks',
  {
    roomId: roomId().notNull(),
    /** The block of the numbers from `block * 1024 + 1` to `(block + 1) * 1024`. */
    block: bigint({ mode: 'number' }).notNull(),
    messages: integer().notNull(),
    /** The messages of a direct chat's user with the lower id; 0 in any other room. */
    ofLow: integer().notNull(),
  },
  (t) => [primaryKey({ name: 'message_blocks_pkey', columns: [t.roomId, t.block] })],
)

/**
 * Events of rooms besides messages, by number, for `changes after N`. Append-only; no foreign keys, as in `messages`. The payload holds
 * what a type tells beyond the columns.
 */
export const roomEvents = pgTable(
  'room_events',
  {
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    /** The user whom the event is about, if any. */
    userId: userId(),
    actorId: userId().notNull(),
    type: text().$type<Exclude<EventType, MessageChange>>().notNull(),
    /** The user's role after a change of a membership. */
    role: text().$type<Role>(),
    createdAt: time().notNull(),
    payload: jsonb(),
  },
  (t) => [primaryKey({ name: 'room_events_pkey', columns: [t.roomId, t.seq] })],
)

/**
 * How many changes each user's memberships have had: the number of the latest one. Its row is locked by each transaction that changes
 * a membership of the user (drizzle/functions/parley_note_memberships.sql).
 */
export const membershipHeads = pgTable('membership_heads', {
  userId: userId()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  seq: seq().notNull(),
  /** Changes up to this number have been removed from `membership_changes`. */
  forgottenSeq: seq().notNull().default(sql`0`),
})

/**
 * The latest change of each user's membership of each room, by the user's own number, for "what happened to my memberships after N". No
 * foreign key to the room, whose deletion is such a change.
 */
export const membershipChanges = pgTable(
  'membership_changes',
  {
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    type: text().$type<MembershipChangeType>().notNull(),
    /** The user's role after the change. */
    role: text().$type<Role>(),
    actorId: userId().notNull(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ name: 'membership_changes_pkey', columns: [t.userId, t.roomId] }),
    // "What happened after N".
    uniqueIndex('membership_changes_seq').on(t.userId, t.seq),
    // The ones that are to be forgotten.
    index('membership_changes_ended').on(t.createdAt).where(sql`role is null and type <> 'invited'`),
  ],
)
