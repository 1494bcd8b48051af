/*
 * Durable history in Postgres, real or embedded: the same driver, the same queries.
 *
 * Imports core (whose ports it implements), drizzle-orm, postgres.js and, in `embedded/`, PGlite. Nothing of server,
 * cluster or api. Accounts and tokens are mostly left to drizzle's queries, everything else is written by hand;
 * what writes under a room's lock is in the functions of the migrations. `fences.ts` says how a statement is kept from
 * reading more than it gives; test/store/plans.test.ts holds all of them to it.
 *
 * Messages are one table, not partitioned. At 10 million (1.7 GB, and 1.3 GB of indexes: 70 bytes a message for clients'
 * keys, 41 for rooms' numbers, 23 for ids) reading takes 0.5 to 1.2 times as long as at 10 thousand, and a batch for
 * the same rooms 0.9 to 1.1 times; one for 1,000 out of 20,000 rooms 1.1 times as long as in a table of 165 thousand,
 * and 1.5 times just after a checkpoint: what costs is how many rooms are written to, each of which has a page of the
 * index to itself, and partitions would not make it fewer. A vacuum after editing one message in a hundred takes 4 s of
 * CPU. Against that, an index across partitions is not to be had: by room or by time, neither a message's id nor its
 * sender's key would be unique any more, and the key is the promise that a retry makes no second message, for ever.
 */
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import type { Store } from '../core/index.ts'
import {
  createTurns,
  type Guard,
  guarded,
  type OutageOptions,
  READ_ONLY,
  watchOutages,
} from './connection/index.ts'
import { createEpochLedger } from './epochs.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createHistory, createMessageWriter } from './messages/index.ts'
import { createGuests, createKnownClients, createTokens, createUsers } from './people/index.ts'
import {
  createDirects,
  createMarkWriter,
  createMemberWriter,
  createRoomFinder,
  createRoomLists,
  createRoomReader,
  createRoomWriter,
  createSmallRooms,
  createTogether,
} from './rooms/index.ts'

export interface StoreOptions extends Partial<OutageOptions> {
  /** Milliseconds after which an unanswered query counts as `unavailable`. */
  readonly queryTimeoutMs: number
  /**
   * The same of a batch of messages, if it is shorter. By then its senders have been told that it failed: the outage is told
   * as soon as they are, and those behind it need not wait for a connection that may be dead.
   */
  readonly appendTimeoutMs?: number
  /** Told of each query that was left unanswered for so long. */
  readonly renew?: () => void
  /** Told that the sessions of the clients do not suit any more. */
  readonly replace?: () => void
}

/**
 * @param sql answers everything but message batches
 * @param lanes one client of a single connection each: they write message batches
 */
export function createStore(sql: Sql, lanes: readonly Sql[], options: StoreOptions): Store {
  const { queryTimeoutMs, appendTimeoutMs = queryTimeoutMs, renew = ignore, replace = ignore } = options
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
  const turn = createTurns()
  const laneGuards = lanes.map((lane) => guardOf(lane, true))
  return {
    ...createMessageWriter(sql, lanes, guard, laneGuards),
    ...createHistory(sql, guard, turn),
    ...createRoomWriter(sql, guard),
    ...createMemberWriter(sql, guard),
    ...createRoomFinder(sql, guard),
    ...createRoomLists(sql, guard),
    ...createRoomReader(sql, guard, turn),
    ...createMarkWriter(sql, guard),
    ...createDirects(sql, guard, turn),
    ...createSmallRooms(sql, guard),
    ...createUsers(sql, db, guard),
    ...createTokens(db, guard),
    ...createKnownClients(sql, guard),
    ...createGuests(sql, guard),
    ...createTogether(sql, guard),
    ...createEpochLedger(sql, guard),
    ...createHousekeeping(sql, guard),
    ping: () => guard(() => checkWritable(sql)),
  }
}

/** @throws as a write on a read-only server or without the tables would */
async function checkWritable(sql: Sql): Promise<void> {
  // Rooms are read. Of the others only the names are looked up, which no lock on a table holds up.
  const [row] = await sql<{ writable: boolean }[]>`
    select current_setting('transaction_read_only') = 'off' as writable, exists (select from rooms) as used,
      array[
        'users', 'tokens', 'members', 'invitations', 'messages', 'room_events', 'history_epoch', 'history_beats',
        'known_clients', 'guests'
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
  // Nobody asked to be told.
}
