import { bigint, boolean, pgTable, text } from 'drizzle-orm/pg-core'
import { time } from './columns.ts'

/* By which it is noticed that the history was rewritten. */

/**
 * One row: the epoch of the history that this database holds. Another epoch begins when a node finds that the database lacks what the
 * node had seen in it, because an older backup was restored or a standby that lagged was promoted.
 */
export const historyEpoch = pgTable('history_epoch', {
  one: boolean().primaryKey().default(true),
  /** Counts the epochs of this database. */
  number: bigint({ mode: 'number' }).notNull(),
  /** Random, since databases that were restored from the same backup begin different epochs under the same number. */
  name: text().notNull(),
})

/**
 * One row per node, which only that node writes: the number of its last beat. A node that finds a lower number than it wrote knows that
 * the history was rewritten. So does a node whose client was told a higher one.
 */
export const historyBeats = pgTable('history_beats', {
  /** A node has a new name at each start. */
  node: text().primaryKey(),
  beat: bigint({ mode: 'number' }).notNull(),
  at: time().notNull(),
})
