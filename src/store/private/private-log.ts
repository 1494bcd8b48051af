import type { Sql } from 'postgres'
import { PAGE_TEXT, type PrivateLog, type UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { toSeq } from '../messages/index.ts'
import { firstRows, fittingRows, toArray } from '../sql/index.ts'
import { type EntryRow, entryColumns, toEntry } from './rows.ts'

/** Reads what users keep for themselves. `drizzle/functions/parley_set_private.sql` writes it. */
export function createPrivateLog(sql: Sql, guard: Guard): PrivateLog {
  return {
    privateChangesOf(wanted, limit) {
      const after = sql`select * from private_entries where user_id = w."user" and seq > w.after`
      const page = firstRows(sql, after, sql`seq`, limit)
      const fitting = fittingRows(sql, page, sql`seq`, PAGE_TEXT, sql`coalesce(length(value::text), 0)`)
      return guard(async () => {
        const rows = await sql<ChangeRow[]>`
          select w.place::int as place, coalesce(h.seq, 0)::float8 as head, coalesce(h.forgotten_seq, 0)::float8 as forgotten,
            ${entryColumns(sql, sql`e`)}, e.more
          from unnest(${toArray(wanted.map(({ user }) => user))}::text::bigint[],
            ${toArray(wanted.map((each) => each.after))}::text::bigint[]) with ordinality w("user", after, place)
          left join lateral (select * from private_heads where user_id = w."user" limit 1) h on true
          left join lateral (${fitting}) e on true
          order by w.place, e.seq`
        const byPlace = Map.groupBy(rows, ({ place }) => place)
        return wanted.map((_, index) => {
          const own = byPlace.get(index + 1) ?? []
          const found = own.flatMap((row) => (isEntry(row) ? row : []))
          const head = toSeq(own[0]?.head ?? 0)
          const last = found.at(-1)
          const isWhole = last === undefined || (found.length < limit && !last.more)
          return {
            entries: found.flatMap((row) => toEntry(row) ?? []),
            upTo: isWhole ? head : last.seq,
            head,
            forgotten: toSeq(own[0]?.forgotten ?? 0),
          }
        })
      })
    },

    privateHeads(users) {
      return guard(async () => {
        const rows = await sql<{ user: UserId; head: number }[]>`
          select h.user_id::float8 as user, h.seq::float8 as head from unnest(${toArray(users)}::text::bigint[]) w(id)
          cross join lateral (select * from private_heads where user_id = w.id limit 1) h`
        return new Map(rows.map(({ user, head }) => [user, toSeq(head)]))
      })
    },
  }
}

function isEntry(row: ChangeRow): row is ChangeRow & EntryRow {
  return row.seq !== null
}

/** One entry of one user; of a user without entries one row, whose columns of the entry are null. */
type ChangeRow = Heads & { readonly more: boolean } & (
    | EntryRow
    | { readonly [Column in keyof EntryRow]: null }
  )

interface Heads {
  /** The position of the user in the question, from 1. */
  readonly place: number
  readonly head: number
  readonly forgotten: number
}
