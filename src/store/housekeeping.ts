import type { Sql } from 'postgres'
import type { Housekeeping } from '../core/index.ts'
import { purge } from './functions/index.ts'
import type { Guard } from './guard.ts'

/** Rows a sweep removes at most: a few milliseconds of work, so that nobody waits long behind it. */
const PIECE = 1000

export function createHousekeeping(sql: Sql, guard: Guard): Housekeeping {
  return {
    sweep() {
      return guard(async () => {
        const expired = await sql`
          delete from tokens where hash in (select hash from tokens where expires_at < now() limit ${PIECE})`
        // A client that was told of one of these begins anew, however the history went.
        await sql`delete from history_beats where at < now() - interval '90 days'`
        const { gone } = await purge.row(sql, { limit: PIECE })
        return expired.count >= PIECE || gone > 0
      })
    },
  }
}
