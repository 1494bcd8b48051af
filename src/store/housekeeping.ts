import type { Sql } from 'postgres'
import type { Housekeeping } from '../core/index.ts'
import type { Guard } from './connection/index.ts'
import { purge } from './functions/index.ts'

/** Rows a sweep removes at most: a few milliseconds of work, so that nobody waits long behind it. */
const PIECE = 1000
/** For how long a client is known after the account was last signed in to from there. */
const KNOWN_DAYS = 180

export function createHousekeeping(sql: Sql, guard: Guard): Housekeeping {
  return {
    sweep() {
      return guard(async () => {
        const expired = await sql`
          delete from tokens where hash in (select hash from tokens where expires_at < now() limit ${PIECE})`
        // A client that was told of one of these begins anew, however the history went.
        await sql`delete from history_beats where at < now() - interval '90 days'`
        const forgotten = await sql`
          delete from known_clients where (user_id, client) in (
            select user_id, client from known_clients where seen_at < now() - ${KNOWN_DAYS} * interval '1 day' limit ${PIECE})`
        const { gone } = await purge.row(sql, { limit: PIECE })
        return expired.count >= PIECE || forgotten.count >= PIECE || gone > 0
      })
    },
  }
}
