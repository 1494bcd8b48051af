/*
 * Durable history in Postgres, real or embedded: the same driver, the same queries.
 *
 * Imports core (whose ports it implements), drizzle-orm, postgres.js and, in `embedded/`, PGlite. Nothing of server,
 * cluster or api. Accounts and tokens mostly use drizzle's queries; all else is SQL by hand. What writes under a room's lock is a
 * function in `drizzle/functions/`. `sql/planner-settings.ts` says how a statement is kept from reading more rows than it returns;
 * test/store/plans.test.ts checks that of all statements.
 *
 * Messages are one table, not partitioned (.github/decisions/006-no-partitions.md). Measured at 10 million messages (1.7 GB, and
 * 1.3 GB of indexes: 70 bytes a message for idempotency keys, 41 for numbers, 23 for ids): reads take 0.5 to 1.2 times as long as at
 * 10 thousand, and a batch for the same rooms 0.9 to 1.1 times. A batch for 1,000 out of 20,000 rooms takes 1.1 times as long as in a
 * table of 165 thousand, and 1.5 times just after a checkpoint. The cost is the number of rooms written to, each of which has an
 * index page of its own; partitions would not reduce it. A vacuum after editing one message in a hundred takes 4 s of CPU. Partitions
 * cannot share a unique index, so neither ids nor idempotency keys would be unique, and a retry could make a second message.
 */
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { createTurns, type Store, type TakeTurn } from '../core/index.ts'
import { createAttachmentRegister } from './attachments/index.ts'
import { type Guard, guarded, type OutageOptions, READ_ONLY, watchOutages } from './connection/index.ts'
import { createEpochLedger } from './epochs.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createMentionFinder } from './mentions/index.ts'
import { createChangePages, createHistory, createMessageWriter, createRevisions } from './messages/index.ts'
import { createBlockRegister, createModerationRegister } from './moderation/index.ts'
import { createNameKeeper } from './names.ts'
import { createGuests, createKnownClients, createTokens, createUsers } from './people/index.ts'
import { createPinLog } from './pins/index.ts'
import { createDrafts, createNotifications, createPrivateLog, createSavedMessages } from './private/index.ts'
import { createReactionLog } from './reactions/index.ts'
import {
  createBatchedLookUps,
  createDirects,
  createMarkWriter,
  createMembershipLog,
  createMemberWriter,
  createRoomFinder,
  createRoomLists,
  createRoomReader,
  createRoomSearches,
  createRoomWriter,
  createSmallRooms,
  createSnapshots,
} from './rooms/index.ts'
import { createSearchIndex } from './search/index.ts'
import { createThreadLog } from './threads/index.ts'

export interface StoreOptions extends Partial<OutageOptions> {
  /** Milliseconds after which an unanswered query fails as `unavailable`. */
  readonly queryTimeoutMs: number
  /**
   * The same for a batch of messages, if it is shorter. The senders are told by then that the batch failed, so the outage is logged
   * then, too, and the batches behind it do not wait for a connection that may be dead.
   */
  readonly appendTimeoutMs?: number
  /** How many former texts of an edited message are kept. 20 by default; 0 for none. */
  readonly revisionsKept?: number
  /** Days for which they are kept. 90 by default. */
  readonly revisionsDays?: number
  /** Called for each query that was unanswered for so long. */
  readonly renew?: () => void
  /** Called when the sessions of the clients no longer suit. */
  readonly replace?: () => void
  /** Shares the turns of the event loop with other work of the process. */
  readonly takeTurn?: TakeTurn
}

/**
 * @param sql the client for everything but message batches
 * @param lanes the clients that write message batches, of one connection each
 */
export function createStore(sql: Sql, lanes: readonly Sql[], options: StoreOptions): Store {
  const { queryTimeoutMs, appendTimeoutMs = queryTimeoutMs, renew = ignore, replace = ignore } = options
  const { takeTurn = createTurns(), revisionsKept = 20, revisionsDays = 90 } = options
  const { onOutage = ignore, onRecovery = ignore } = options
  const outages = watchOutages({ onOutage, onRecovery })
  const db = drizzle(sql, { casing: 'snake_case' })

  function guardOf(client: Sql, writes: boolean): Guard {
    const probe = () =>
      guard(() => checkWritable(client)).then(
        () => true,
        () => false,
      )
    const guard = guarded({
      timeoutMs: writes ? Math.min(appendTimeoutMs, queryTimeoutMs) : queryTimeoutMs,
      onLate: renew,
      onStale: replace,
      health: outages.client({ probe, writes }),
    })
    return guard
  }

  const guard = guardOf(sql, false)
  const laneGuards = lanes.map((lane) => guardOf(lane, true))
  return {
    ...createMessageWriter(sql, lanes, guard, laneGuards, revisionsKept),
    ...createHistory(sql, guard, takeTurn),
    ...createChangePages(sql, guard, takeTurn),
    ...createRevisions(sql, guard),
    ...createReactionLog(sql, guard),
    ...createPinLog(sql, guard, takeTurn),
    ...createPrivateLog(sql, guard),
    ...createDrafts(sql, guard),
    ...createNotifications(sql, guard),
    ...createSearchIndex(sql, guard, takeTurn),
    ...createAttachmentRegister(sql, guard),
    ...createThreadLog(sql, guard, takeTurn),
    ...createMentionFinder(sql, guard, takeTurn),
    ...createSavedMessages(sql, guard),
    ...createRoomWriter(sql, guard),
    ...createMemberWriter(sql, guard),
    ...createMembershipLog(sql, guard),
    ...createModerationRegister(sql, guard),
    ...createBlockRegister(sql, guard),
    ...createRoomFinder(sql, guard),
    ...createRoomLists(sql, guard),
    ...createRoomReader(sql, guard),
    ...createSnapshots(sql, guard, takeTurn),
    ...createRoomSearches(sql, guard, takeTurn),
    ...createMarkWriter(sql, guard),
    ...createDirects(sql, guard, takeTurn),
    ...createSmallRooms(sql, guard),
    ...createUsers(sql, db, guard),
    ...createTokens(db, guard),
    ...createKnownClients(sql, guard),
    ...createGuests(sql, guard),
    ...createBatchedLookUps(sql, guard),
    ...createEpochLedger(sql, guard),
    ...createHousekeeping(sql, guard, revisionsDays),
    ...createNameKeeper(sql, guard),
    ping: () => guard(() => checkWritable(sql)),
  }
}

/** @throws if a write would fail, because the server is read-only or lacks the tables */
async function checkWritable(sql: Sql): Promise<void> {
  // Reads from `rooms`. Of the other tables it only looks up the names, which does not wait for locks on them.
  const [row] = await sql<{ writable: boolean }[]>`
    select current_setting('transaction_read_only') = 'off' as writable, exists (select from rooms) as used,
      array[
        'users', 'tokens', 'members', 'invitations', 'messages', 'room_events', 'history_epoch', 'history_beats',
        'known_clients', 'guests', 'removals', 'membership_heads', 'membership_changes', 'reactions', 'reaction_summaries',
        'message_revisions', 'private_heads', 'private_entries', 'search_docs', 'search_queue',
        'attachments', 'attachment_usage', 'shared_secrets',
        'threads', 'thread_replies', 'thread_participants', 'thread_follows', 'thread_progress', 'mentions', 'room_mentions',
        'bans', 'mutes', 'slow_sends', 'room_reports', 'room_audit', 'user_blocks', 'pins'
      ]::regclass[] is not null as named`
  if (row?.writable !== true) throw new ReadOnly()
}

class ReadOnly extends Error {
  readonly code = READ_ONLY

  constructor() {
    super('the database is read-only')
  }
}

function ignore(): void {
  // The default of a callback that was not given.
}
