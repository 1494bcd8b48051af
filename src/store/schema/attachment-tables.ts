import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { roomId, seq, time, userId } from './columns.ts'

/* The tables of attachments. No foreign keys: a row outlives its room and its message until the bytes are removed. */

/**
 * A file in a room. `new`: its bytes are being stored. `stored`: they are there, and it can be sent. `sent`: a message has it. `ended`: the
 * bytes are to be removed, and then the row.
 */
export const attachments = pgTable(
  'attachments',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    roomId: roomId().notNull(),
    uploaderId: userId().notNull(),
    /** Under which the bytes are stored. */
    key: text().notNull(),
    state: text().$type<'new' | 'stored' | 'sent' | 'ended'>().notNull().default('new'),
    /** The number of the message that has it. */
    seq: seq(),
    name: text().notNull(),
    type: text().notNull(),
    size: bigint({ mode: 'number' }).notNull(),
    width: integer(),
    height: integer(),
    placeholder: text(),
    hasThumbnail: boolean().notNull(),
    createdAt: time().notNull(),
  },
  (t) => [
    // Whether bytes that are in the storage have a row.
    uniqueIndex('attachments_key').on(t.key),
    // Those of a message that is deleted, and of a room that is purged.
    index('attachments_message').on(t.roomId, t.seq).where(sql`state <> 'ended'`),
    // Those that were never sent.
    index('attachments_unsent').on(t.createdAt).where(sql`state in ('new', 'stored')`),
    // Those whose bytes are to be removed.
    index('attachments_ended').on(t.id).where(sql`state = 'ended'`),
  ],
)

/** What each user has uploaded. */
export const attachmentUsage = pgTable('attachment_usage', {
  userId: userId().primaryKey(),
  /** Of all attachments that have a row. */
  bytes: bigint({ mode: 'number' }).notNull(),
  /** When the hour began in which the user uploaded so much, removed attachments included. */
  hourAt: time().notNull(),
  hourBytes: bigint({ mode: 'number' }).notNull(),
  hourFiles: integer().notNull(),
})

/** What all nodes of the installation share, and make up themselves. */
export const sharedSecrets = pgTable('shared_secrets', {
  name: text().primaryKey(),
  secret: text().notNull(),
})
