import { pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { roomId, seq, time, userId } from './columns.ts'

/**
 * The messages that are pinned, at most MAX_PINS of a room. No foreign keys, as in `messages`: drizzle/functions/parley_pin.sql alone adds
 * rows, under the room's lock. The deletion of a message removes its row.
 */
export const pins = pgTable(
  'pins',
  {
    roomId: roomId().notNull(),
    /** The message's number. */
    seq: seq().notNull(),
    /** Who has pinned it. */
    userId: userId().notNull(),
    /** The number of the event that tells it, so it gives the order in which messages were pinned. */
    eventSeq: seq().notNull(),
    createdAt: time().notNull(),
  },
  // Whether a message is pinned, and all that are: so few that the list is sorted. Of two indexes that begin with the room the planner may
  // take the other one to look up a message, and read all of the room's.
  (t) => [primaryKey({ name: 'pins_pkey', columns: [t.roomId, t.seq] })],
)
