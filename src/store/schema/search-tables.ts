import { bigint, index, integer, pgTable } from 'drizzle-orm/pg-core'
import type { MessageId } from '../../core/model.ts'
import { time } from './columns.ts'

/*
 * The index of the search in messages (.github/decisions/027-search-by-grams.md). No foreign keys, as in `messages`: triggers on
 * `messages` keep both tables true, whoever changes a message (drizzle/functions/parley_message_reworded.sql).
 */

/** A row per message that is found. It holds no words: grams are hashes, and the words themselves are compared in `messages`. */
export const searchDocs = pgTable(
  'search_docs',
  {
    id: bigint({ mode: 'number' }).$type<MessageId>().primaryKey(),
    /** The grams of the words, 0 or above, and below 0 marks of the message's room, sender and place (parley_search_mark). */
    keys: integer().array().notNull(),
  },
  (t) => [
    // New keys are gathered in a list and merged into the index together, by the statement that fills the list; all who search read the
    // list. In kB.
    index('search_docs_keys').using('gin', t.keys).with({ fastupdate: true, gin_pending_list_limit: 512 }),
  ],
)

/** Ranges of message ids that may hold messages which the index lacks. Written in the transactions that write the messages. */
export const searchQueue = pgTable('search_queue', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  firstId: bigint({ mode: 'number' }).$type<MessageId>().notNull(),
  lastId: bigint({ mode: 'number' }).$type<MessageId>().notNull(),
  /** While a node works on the range, the time at which others may take it over; null otherwise. */
  claimedUntil: time(),
})
