import { index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { roomId, seq, time } from './columns.ts'

/**
 * What messages said before they were edited, for their senders and the staff of their rooms. Written and bounded by
 * drizzle/functions/parley_revise_message.sql, which removes all of a message's when it is deleted. No foreign keys, as in `messages`.
 */
export const messageRevisions = pgTable(
  'message_revisions',
  {
    roomId: roomId().notNull(),
    /** The message's number. */
    seq: seq().notNull(),
    /** The number at which the message came to say this. */
    version: seq().notNull(),
    body: text().notNull(),
    details: jsonb(),
    /** When it came to say this. */
    createdAt: time().notNull(),
    /** When an edit replaced it. */
    replacedAt: time().notNull(),
  },
  (t) => [
    primaryKey({ name: 'message_revisions_pkey', columns: [t.roomId, t.seq, t.version] }),
    // The ones that are to be forgotten.
    index('message_revisions_replaced').on(t.replacedAt),
  ],
)
