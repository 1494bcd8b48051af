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
import type { MessageId, Role, RoomKind } from '../core/model.ts'
import { users } from './schema/account-tables.ts'
import { roomId, seq, time, userId } from './schema/columns.ts'

/*
 * The tables. Every write pays for each index, so each index says what it is for.
 * Functions that write under a room's lock are in `drizzle/functions/`.
 */

export * from './schema/account-tables.ts'
export * from './schema/history-tables.ts'

export const rooms = pgTable(
  'rooms',
  {
    id: roomId().primaryKey().generatedAlwaysAsIdentity(),
    name: text(),
    /** By which the room is found, and which names that look alike share. null for direct chats, deleted rooms, and until it is made. */
    nameKey: text(),
    lookAlike: text(),
    kind: text().$type<RoomKind>().notNull(),
    creatorId: userId().references(() => users.id, { onDelete: 'set null' }),
    description: text().notNull().default(''),
    avatar: text().notNull().default(''),
    lastSeq: seq().notNull().default(sql`0`),
    memberCount: integer().notNull().default(0),
    /** The number of messages without tombstones, for contracts with numbered pages. */
    messageCount: bigint({ mode: 'number' }).notNull().default(sql`0`),
    /** Both set for a direct chat: the two users, the lower id first. */
    directLow: userId(),
    directHigh: userId(),
    createdAt: time().notNull().defaultNow(),
    updatedAt: time().notNull().defaultNow(),
    /** A deleted room vanishes for everyone at once; its messages are purged in the background. */
    deletedAt: time(),
  },
  (t) => [
    // The look-up by name. The condition of none of these indexes is part of another's query: the planner may read all of an index
    // that it thinks is empty.
    index('rooms_public_key').on(t.nameKey).where(sql`kind = 'public' and name_key is not null`),
    index('rooms_hidden_key').on(t.nameKey, t.id).where(sql`kind <> 'public' and name_key is not null`),
    // Public rooms whose names look like a new one.
    index('rooms_look_alike').on(t.lookAlike).where(sql`kind = 'public' and look_alike is not null`),
    // Names that are still to be folded: those of nodes of the version before.
    index('rooms_unfolded')
      .on(t.name)
      .where(sql`name is not null and name_key is null and deleted_at is null`),
    // One direct chat per pair. Also the direct chats of the user with the lower id.
    uniqueIndex('rooms_direct').on(t.directLow, t.directHigh).where(sql`direct_low is not null`),
    // The direct chats of the user with the higher id.
    index('rooms_direct_high').on(t.directHigh).where(sql`direct_high is not null`),
    // Public rooms by the beginning of their names.
    index('rooms_public_prefix')
      .on(sql`(name_key collate "C")`, t.id)
      .where(sql`kind = 'public' and name_key is not null`),
    // The list of public rooms, in pages by id.
    index('rooms_public').on(t.id).where(sql`kind = 'public' and deleted_at is null`),
    // "The rooms that I created", in pages by id.
    index('rooms_creator').on(t.creatorId, t.id).where(sql`deleted_at is null and kind <> 'direct'`),
    // The rooms that are left to purge.
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
    /** Whether the member joined by an invitation. */
    invited: boolean().notNull().default(false),
    readSeq: seq().notNull().default(sql`0`),
    deliveredSeq: seq().notNull().default(sql`0`),
    joinedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'members_pkey', columns: [t.roomId, t.userId] }),
    // "The rooms that I am in", in pages by room.
    index('members_user').on(t.userId, t.roomId),
    // Those of them that the user joined by an invitation, which are few.
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
    createdAt: time().notNull(),
    editedAt: time(),
    deletedAt: time(),
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
