import type { Sql } from 'postgres'
import type { RevisionLog, Seq } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows } from '../sql/index.ts'
import { toDetails } from './rows.ts'

/** Reads what messages said before they were edited. */
export function createRevisions(sql: Sql, guard: Guard): RevisionLog {
  return {
    revisionsOf(room, message, { after, limit }) {
      return guard(async () => {
        const rows = sql`select * from message_revisions where room_id = ${room} and seq = ${message} and version > ${after}`
        const found = await sql<RevisionRow[]>`
          select m.version::float8 as version, m.body, m.details::text as details,
            (extract(epoch from m.created_at) * 1000)::float8 as at,
            (extract(epoch from m.replaced_at) * 1000)::float8 as replaced
          from (${firstRows(sql, rows, sql`version`, limit)}) m order by m.version`
        return found.map(({ version, body, details, at, replaced }) => ({
          version,
          body,
          details: toDetails(details),
          at: new Date(at),
          replacedAt: new Date(replaced),
        }))
      })
    },
  }
}

interface RevisionRow {
  readonly version: Seq
  readonly body: string
  readonly details: string | null
  readonly at: number
  readonly replaced: number
}
