import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { JsonText, Posting, Role, RoomKind } from '../../core/model.ts'
import { users } from './account-tables.ts'
import { roomId, seq, time, userId } from './columns.ts'

/* The tables of rooms, and of who is in them; what is said in them is in `schema.ts`. */

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
    /** A JSON object as text, so that it comes back with its names in their order; null if there is none. */
    metadata: text().$type<JsonText>(),
    lastSeq: seq().notNull().default(sql`0`),
    memberCount: integer().notNull().default(0),
    /** Who may post; `nobody` in a direct chat of two users of whom one blocks the other. */
    posting: text().$type<Posting>().notNull().default('everyone'),
    /** Seconds that a plain member waits between two messages; 0 for none. */
    slowMode: integer().notNull().default(0),
    /**
     * Another random number whenever someone becomes or ceases to be a member or is muted, or `posting` changes
     * (drizzle/functions/parley_members_changed.sql), so that the append need not look up senders who were allowed to post at the same
     * version. 0 until the first such change.
     */
    memberVersion: bigint({ mode: 'number' }).notNull().default(sql`0`),
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
    /** Up to where the member has read in their own eyes, if they have marked later messages as unread: less than `read_seq`. */
    unreadAfter: seq(),
    deliveredSeq: seq().notNull().default(sql`0`),
    joinedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'members_pkey', columns: [t.roomId, t.userId] }),
    // "The rooms that I am in", in pages by room.
    index('members_user').on(t.userId, t.roomId),
    // Only memberships that began with an invitation, which are few.
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

/**
 * Members who were removed, until they are in the room again. They do not join by themselves, and only the room's staff invites them.
 */
export const removals = pgTable(
  'removals',
  {
    roomId: roomId()
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    removedBy: userId().notNull(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'removals_pkey', columns: [t.roomId, t.userId] }),
    // The end of a guest's stay, and the removal of a user's row.
    index('removals_user').on(t.userId),
  ],
)
