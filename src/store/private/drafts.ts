import type { Sql } from 'postgres'
import { type Drafts, START } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { setDraft } from '../functions/index.ts'
import { toSeq } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'
import { type EntryRow, entryColumns, entryOf } from './rows.ts'
import { storedValue } from './values.ts'

/** Writes and reads what users have begun to write. */
export function createDrafts(sql: Sql, guard: Guard): Drafts {
  const columns = entryColumns(sql, sql`e`)

  return {
    setDraft(room, user, { value, base, agoMs }) {
      return guard(async () => {
        const row = await setDraft.row(sql, {
          room,
          user,
          value: storedValue('draft', value),
          base,
          ago: agoMs,
        })
        if (row.written === null) return null
        if (row.version === null) return 'no_message'
        const seq = toSeq(row.version)
        const draft = entryOf('draft', { room, item: START, seq, value: row.value, at: row.at ?? 0 })
        return { written: row.written, draft }
      })
    },

    draft(room, user) {
      return guard(async () => {
        const [row] = await sql<(EntryRow | { readonly seq: null })[]>`
          select ${columns} from (select * from members where room_id = ${room} and user_id = ${user} limit 1) m
          left join lateral (
            select * from private_entries
            where user_id = m.user_id and room_id = m.room_id and type = 'draft' and item = 0 limit 1
          ) e on true`
        if (row === undefined) return null
        if (row.seq !== null) return entryOf('draft', row)
        return entryOf('draft', { room, item: START, seq: START, value: null, at: 0 })
      })
    },

    drafts(user, before, limit) {
      const below = before ?? Number.MAX_SAFE_INTEGER
      const own = sql`select * from private_entries
        where user_id = ${user} and type = 'draft' and value is not null and seq < ${below}`
      return guard(async () => {
        const rows = await sql<EntryRow[]>`
          select ${columns} from (${firstRows(sql, own, sql`seq desc`, limit)}) e order by e.seq desc`
        return rows.map((row) => entryOf('draft', row))
      })
    },
  }
}
