import type { Sql } from 'postgres'
import type { SavedMessages, SaveVerdict } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { saveMessage } from '../functions/index.ts'
import { type MessageRow, messageColumns, senderJoin, toMessage, toSeq } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'
import { type EntryRow, entryOf } from './rows.ts'

/** What the codes of `parley_save_message` mean, by their value. */
const verdicts: readonly SaveVerdict[] = ['done', 'no_message', 'too_many']

/** Saves messages for users, and lists them. */
export function createSavedMessages(sql: Sql, guard: Guard): SavedMessages {
  return {
    saveMessage(room, user, message, on, most) {
      return guard(async () => {
        const { code, number } = await saveMessage.row(sql, {
          room,
          user,
          seq: message,
          on: on ? 1 : 0,
          most,
        })
        return { verdict: verdicts[code] ?? 'no_message', seq: toSeq(number) }
      })
    },

    savedMessages(user, before, limit) {
      const below = before ?? Number.MAX_SAFE_INTEGER
      const shown = sql`
        select e.seq as place, e.room_id, e.item, e.value, e.created_at as saved_at from private_entries e
        cross join lateral (select * from rooms where id = e.room_id and deleted_at is null limit 1) r
        cross join lateral (
          select * from messages where room_id = e.room_id and seq = e.item and deleted_at is null limit 1
        ) m
        where e.type = 'saved' and e.user_id = ${user} and e.value is not null and e.seq < ${below}`
      return guard(async () => {
        const rows = await sql<(MessageRow & Saved)[]>`
          select e.place::float8 as place, e.room_id::float8 as room, e.value::text as value,
            (extract(epoch from e.saved_at) * 1000)::float8 as at, ${messageColumns(sql)}
          from (${firstRows(sql, shown, sql`place desc`, limit)}) e
          cross join lateral (select * from messages where room_id = e.room_id and seq = e.item limit 1) m
          ${senderJoin(sql)} order by e.place desc`
        return rows.flatMap((row) => {
          const message = toMessage(row.room, row)
          if (message === null) return []
          const { place: seq, room, value, at } = row
          return { entry: entryOf('saved', { room, item: message.seq, seq, value, at }), message }
        })
      })
    },
  }
}

interface Saved extends Pick<EntryRow, 'room' | 'value' | 'at'> {
  /** The user's own number of the entry. */
  readonly place: EntryRow['seq']
}
