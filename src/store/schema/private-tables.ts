import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { PrivateType } from '../../core/private/private-entry.ts'
import { users } from './account-tables.ts'
import { roomId, seq, time, userId } from './columns.ts'

/* What users keep for themselves, numbered for each user. */

/**
 * How many private changes each user has made: the number of the latest one. Its row is locked by each transaction that changes a private
 * entry of the user (drizzle/functions/parley_lock_private.sql).
 */
export const privateHeads = pgTable('private_heads', {
  userId: userId()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  seq: seq().notNull().default(sql`0`),
  /** Entries that were removed up to this number may have been forgotten. */
  forgottenSeq: seq().notNull().default(sql`0`),
})

/**
 * What a user keeps for themselves: the latest state of each entry, at the user's own number. No foreign key to the room, whose rows
 * are removed in the background.
 */
export const privateEntries = pgTable(
  'private_entries',
  {
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    roomId: roomId().notNull(),
    type: text().$type<PrivateType>().notNull(),
    /** The number of the message that the entry is about; 0 if it is about the room. */
    item: seq().notNull(),
    seq: seq().notNull(),
    /** What is kept; null once it was removed. */
    value: jsonb(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ name: 'private_entries_pkey', columns: [t.userId, t.roomId, t.type, t.item] }),
    // "What has changed after N".
    uniqueIndex('private_entries_seq').on(t.userId, t.seq),
    // The user's entries of one type, the newest first. Begins with the type, so that no other query can take it.
    uniqueIndex('private_entries_kept').on(t.type, t.userId, t.seq).where(sql`value is not null`),
    // The ones that are to be forgotten.
    index('private_entries_gone').on(t.createdAt).where(sql`value is null`),
    // Those of a room that is purged.
    index('private_entries_room').on(t.roomId),
  ],
)
