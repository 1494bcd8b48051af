/*
 * Durable history in Postgres, real or embedded: the same driver, the same queries.
 *
 * Imports core (whose ports it implements), drizzle-orm, postgres.js and, in `embedded/`, PGlite. Nothing of server,
 * cluster or api. Ordinary queries are drizzle's; what runs for every message is written by hand in `message-log.ts`
 * and `history.ts`; what writes under a room's lock is in the functions of the migrations.
 */
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { ChatError, type Store } from '../core/index.ts'
import { createDirects } from './directs.ts'
import { guarded } from './guard.ts'
import { createHistory } from './history.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createMarkWriter } from './marks.ts'
import { createMemberWriter } from './member-writer.ts'
import { createMessageWriter } from './message-log.ts'
import { createRoomFinder } from './room-finder.ts'
import { createRoomLists } from './room-lists.ts'
import { createRoomReader } from './room-reader.ts'
import { createRoomWriter } from './room-writer.ts'
import { createSmallRooms } from './small-rooms.ts'
import { createTokens } from './tokens.ts'
import { createUsers } from './users.ts'

export interface StoreOptions {
  /** Milliseconds after which an unanswered query counts as `unavailable`. */
  readonly queryTimeoutMs: number
  /** Told which client left a query unanswered for so long. */
  readonly renew?: (client: Sql) => void
}

/**
 * @param sql answers everything but message batches
 * @param lanes one client of a single connection each: they write message batches
 */
export function createStore(sql: Sql, lanes: readonly Sql[], options: StoreOptions): Store {
  const db = drizzle(sql, { casing: 'snake_case' })
  const guardOf = (client: Sql) => guarded(options.queryTimeoutMs, () => options.renew?.(client))
  const guard = guardOf(sql)
  return {
    ...createMessageWriter(sql, lanes, guard, lanes.map(guardOf)),
    ...createHistory(sql, guard),
    ...createRoomWriter(sql, db, guard),
    ...createMemberWriter(sql, guard),
    ...createRoomFinder(db, guard),
    ...createRoomLists(db, guard),
    ...createRoomReader(sql, guard),
    ...createMarkWriter(sql, guard),
    ...createDirects(sql, guard),
    ...createSmallRooms(sql, guard),
    ...createUsers(sql, db, guard),
    ...createTokens(db, guard),
    ...createHousekeeping(sql, guard),
    ping: () =>
      guard(async () => {
        const [row] = await sql<{ writable: boolean }[]>`
          select current_setting('transaction_read_only') = 'off' as writable`
        if (row?.writable !== true) throw new ChatError('unavailable', 'The database is read-only')
      }),
  }
}
