import type { Sql } from 'postgres'
import { type Housekeeping, MOST_SLOW_SECONDS } from '../core/index.ts'
import type { Guard } from './connection/index.ts'
import {
  forgetMemberships,
  forgetPrivate,
  forgetReactions,
  forgetRevisions,
  gatherThreads,
  purge,
} from './functions/index.ts'

/** The most rows that a sweep removes: a few milliseconds of work, so that no statement waits long behind it. */
const PIECE = 1000
/** Days for which a client is remembered after its last sign-in to the account. */
const KNOWN_DAYS = 180
/** Days for which a user's lists of memberships and of private entries tell of one that has ended. A client that was away for longer lists them anew. */
const ENDED_DAYS = 90
/** Days for which reports and the audit log are kept. */
const STAFF_DAYS = 365

/** @param revisionsDays days for which former texts of edited messages are kept */
export function createHousekeeping(sql: Sql, guard: Guard, revisionsDays: number): Housekeeping {
  return {
    sweep() {
      return guard(async () => {
        const expired = await sql`
          delete from tokens where hash in (select hash from tokens where expires_at < now() limit ${PIECE})`
        // A client whose mark names one of these beats begins anew, even if the history was never rewritten.
        await sql`delete from history_beats where at < now() - interval '90 days'`
        const forgotten = await sql`
          delete from known_clients where (user_id, client) in (
            select user_id, client from known_clients where seen_at < now() - ${KNOWN_DAYS} * interval '1 day' limit ${PIECE})`
        const { gone } = await purge.row(sql, { limit: PIECE })
        const ended = await forgetMemberships.row(sql, { days: ENDED_DAYS, limit: PIECE })
        const revisions = await forgetRevisions.row(sql, { days: revisionsDays, limit: PIECE })
        const removed = await forgetPrivate.row(sql, { days: ENDED_DAYS, limit: PIECE })
        const reactions = await forgetReactions.row(sql, { limit: PIECE })
        const threads = await gatherThreads.row(sql, { limit: PIECE })
        const aged = await sql`
          delete from room_audit where (room_id, id) in (
            select room_id, id from room_audit where created_at < now() - ${STAFF_DAYS} * interval '1 day' order by created_at limit ${PIECE})`
        const reported = await sql`
          delete from room_reports where (room_id, id) in (
            select room_id, id from room_reports where created_at < now() - ${STAFF_DAYS} * interval '1 day' order by created_at limit ${PIECE})`
        // No turn lasts longer than slow mode may.
        const turns = await sql`
          delete from slow_sends where (room_id, user_id) in (
            select room_id, user_id from slow_sends where at < now() - ${MOST_SLOW_SECONDS} * interval '1 second' order by at limit ${PIECE})`
        return (
          aged.count >= PIECE ||
          reported.count >= PIECE ||
          turns.count >= PIECE ||
          expired.count >= PIECE ||
          forgotten.count >= PIECE ||
          ended.gone >= PIECE ||
          revisions.gone >= PIECE ||
          removed.gone >= PIECE ||
          threads.seen >= PIECE ||
          gone > 0 ||
          reactions.gone > 0
        )
      })
    },
  }
}
