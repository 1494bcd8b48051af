import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { roomId, seq, time, userId } from './columns.ts'

/*
 * The tables of reactions. No foreign keys, as in `messages`: drizzle/functions/parley_react.sql alone adds rows, under the room's lock.
 */

/** Who reacts to which message, and how. `seq` is the message's number. */
export const reactions = pgTable(
  'reactions',
  {
    roomId: roomId().notNull(),
    seq: seq().notNull(),
    userId: userId().notNull(),
    reaction: text().notNull(),
    /** Ascends with time, so it gives the order in which users reacted. */
    id: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    createdAt: time().notNull(),
  },
  (t) => [
    // A user's own reactions to a message. Each of them counts once.
    primaryKey({ name: 'reactions_pkey', columns: [t.roomId, t.seq, t.userId, t.reaction] }),
    // Who reacted so, in pages, and the first of them. Begins with the name, so that no look-up of a user's own reactions can take it:
    // without statistics the planner may read all of a message's.
    uniqueIndex('reactions_order').on(t.reaction, t.roomId, t.seq, t.id),
  ],
)

/**
 * The reactions of each message that has or had any, counted. A row agrees with the rows of `reactions` at every moment, and with the
 * latest event about the message.
 */
export const reactionSummaries = pgTable(
  'reaction_summaries',
  {
    roomId: roomId().notNull(),
    /** The message's number. */
    seq: seq().notNull(),
    /** In the order in which the reactions were first used. */
    reactions: text().array().notNull(),
    /** How many users have each of `reactions`. */
    counts: integer().array().notNull(),
    /** When the latest event about the message was written. Over all nodes, the next one keeps a distance from it. */
    toldAt: time().notNull(),
    /** Whether the message was deleted. Then nothing is shown of its reactions, which are removed in the background. */
    gone: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'reaction_summaries_pkey', columns: [t.roomId, t.seq] }),
    // Those that are left to remove.
    index('reaction_summaries_gone').on(t.roomId, t.seq).where(sql`gone`),
  ],
)
