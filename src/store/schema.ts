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
import type { EventType, MessageChange } from '../core/events/index.ts'
import type { MessageId, Role, RoomKind } from '../core/model.ts'
import { users } from './schema/account-tables.ts'
import { roomId, seq, time, userId } from './schema/columns.ts'

/*
 * The tables. Each index is paid for on every write, so each says what it is for.
 * Functions that write under a room's lock are in the hand-written migrations beside the generated ones.
 */

export * from './schema/account-tables.ts'

export const rooms = pgTable(
  'rooms',
  {
    id: roomId().primaryKey().generatedAlwaysAsIdentity(),
    name: text(),
    kind: text().$type<RoomKind>().notNull(),
    creatorId: userId().references(() => users.id, { onDelete: 'set null' }),
    description: text().notNull().default(''),
    avatar: text().notNull().default(''),
    lastSeq: seq().notNull().default(sql`0`),
    memberCount: integer().notNull().default(0),
    /** Messages without tombstones, for contracts that number pages. */
    messageCount: bigint({ mode: 'number' }).notNull().default(sql`0`),
    /** Both set for a direct chat: the two users, the lower id first. */
    directLow: userId(),
    directHigh: userId(),
    createdAt: time().notNull().defaultNow(),
    updatedAt: time().notNull().defaultNow(),
    /** A deleted room is gone for everyone at once; its messages are purged in the background. */
    deletedAt: time(),
  },
  (t) => [
    // A name is free again once its room is deleted; also the look-up by name.
    uniqueIndex('rooms_name').on(t.name).where(sql`deleted_at is null`),
    // One direct chat a pair; also those of the user with the lower id.
    uniqueIndex('rooms_direct').on(t.directLow, t.directHigh).where(sql`direct_low is not null`),
    // Those of the user with the higher id.
    index('rooms_direct_high').on(t.directHigh).where(sql`direct_high is not null`),
    // The list of public rooms, in pages by id.
    index('rooms_public').on(t.id).where(sql`kind = 'public' and deleted_at is null`),
    // "The rooms that I made", in pages by id.
    index('rooms_creator').on(t.creatorId, t.id).where(sql`deleted_at is null and kind <> 'direct'`),
    // What is left to purge.
    index('rooms_deleted').on(t.deletedAt).where(sql`deleted_at is not null`),
  ],
)

export const members = pgTable(
  'members',
  {
    roomId: roomId()
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text().$type<Role>().notNull(),
    /** Whether an invitation brought them in. */
    invited: boolean().notNull().default(false),
    readSeq: seq().notNull().default(sql`0`),
    deliveredSeq: seq().notNull().default(sql`0`),
    joinedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'members_pkey', columns: [t.roomId, t.userId] }),
    // "The rooms that I am in", in pages by room.
    index('members_user').on(t.userId, t.roomId),
    // The few of them that an invitation brought them into.
    index('members_invited').on(t.userId, t.roomId).where(sql`invited`),
  ],
)

export const invitations = pgTable(
  'invitations',
  {
    roomId: roomId()
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    invitedBy: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'invitations_pkey', columns: [t.roomId, t.userId] }),
    // "The rooms that I am invited to", in pages by room.
    index('invitations_user').on(t.userId, t.roomId),
  ],
)

/** No foreign keys: the functions that write here hold the room's lock and have just checked the sender, and a check a row would cost more than the row. */
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
    createdAt: time().notNull(),
    editedAt: time(),
    deletedAt: time(),
  },
  (t) => [
    // History, in either direction.
    primaryKey({ name: 'messages_pkey', columns: [t.roomId, t.seq] }),
    // `before=<id>`, and a change to a message that is known by its id. Ids ascend, so it grows at one end only.
    unique('messages_id').on(t.id),
    // The promise that a retry makes no second message, for ever.
    uniqueIndex('messages_client').on(t.senderId, t.clientId),
    // `changes after N`: only messages that were ever changed are in it.
    index('messages_version').on(t.roomId, t.versionSeq).where(sql`version_seq is not null`),
  ],
)

/**
 * How many messages, without tombstones, are among each 1,024 numbers of a room that it has come to the end of: what is far
 * back is found by them, and what is much is counted. Triggers keep them (drizzle/functions/parley_blocks_ended.sql); no foreign keys, as in `messages`.
 */
export const messageBlocks = pgTable(
  'message_blocks',
  {
    roomId: roomId().notNull(),
    /** Of the numbers from `block * 1024 + 1` to `(block + 1) * 1024`. */
    block: bigint({ mode: 'number' }).notNull(),
    messages: integer().notNull(),
    /** Those of a direct chat's user with the lower id; 0 in any other room. */
    ofLow: integer().notNull(),
  },
  (t) => [primaryKey({ name: 'message_blocks_pkey', columns: [t.roomId, t.block] })],
)

/**
 * What happened in rooms besides messages, by number, so that `changes after N` can tell it. Append-only; no foreign keys, as in
 * `messages`. What a type tells beyond the columns is in its payload.
 */
export const roomEvents = pgTable(
  'room_events',
  {
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    /** Whom it is about; null if it is about nobody. */
    userId: userId(),
    actorId: userId().notNull(),
    type: text().$type<Exclude<EventType, MessageChange>>().notNull(),
    /** What the user is after it: of changes of memberships. */
    role: text().$type<Role>(),
    createdAt: time().notNull(),
    payload: jsonb(),
  },
  (t) => [primaryKey({ name: 'room_events_pkey', columns: [t.roomId, t.seq] })],
)

/**
 * One row: the epoch of the history that this database holds. Another one begins when a node finds that the database lacks
 * what the node had seen in it: an older backup was restored, or a standby that had not received everything was promoted.
 */
export const historyEpoch = pgTable('history_epoch', {
  one: boolean().primaryKey().default(true),
  /** Counts the epochs of this database. */
  number: bigint({ mode: 'number' }).notNull(),
  /** Random: databases that were restored from one backup begin different epochs under one number. */
  name: text().notNull(),
})

/**
 * One row a node, which alone writes it: the last number that the node has written. A node that finds a lower one than it wrote
 * knows that the history was rewritten; so does any node of a client that was told a higher one.
 */
export const historyBeats = pgTable('history_beats', {
  /** A new name at each start. */
  node: text().primaryKey(),
  beat: bigint({ mode: 'number' }).notNull(),
  at: time().notNull(),
})
