import type { Sql } from 'postgres'
import { type NotificationRegister, START } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { setNotifications } from '../functions/index.ts'
import { toSeq } from '../messages/index.ts'
import { type EntryRow, entryColumns, entryOf } from './rows.ts'
import { storedValue } from './values.ts'

/** Writes and reads what users want to be notified of. */
export function createNotifications(sql: Sql, guard: Guard): NotificationRegister {
  return {
    setNotifications(room, user, message, value) {
      return guard(async () => {
        const stored = storedValue('notifications', value)
        const row = await setNotifications.row(sql, { room, user, message, value: stored })
        if (row.version === null) return 'not_member'
        if (row.item === null) return 'no_message'
        const [item, seq] = [toSeq(row.item), toSeq(row.version)]
        const entry = entryOf('notifications', { room, item, seq, value: stored, at: row.at ?? 0 })
        return { entry, changed: row.changed === true }
      })
    },

    notifications(room, user, message) {
      return guard(async () => {
        const [row] = await sql<({ root: number | null } & (EntryRow | { readonly seq: null }))[]>`
          select t.root::float8 as root, ${entryColumns(sql, sql`e`)}
          from (select * from members where room_id = ${room} and user_id = ${user} limit 1) m
          cross join lateral (
            select case when ${message} = 0 then 0 else parley_root(${room}, ${message}) end as root
          ) t
          left join lateral (
            select * from private_entries
            where user_id = m.user_id and room_id = m.room_id and type = 'notifications' and item = t.root limit 1
          ) e on true`
        if (row === undefined) return 'not_member'
        if (row.root === null) return 'no_message'
        if (row.seq !== null) return { entry: entryOf('notifications', row), changed: false }
        const none = { room, item: toSeq(row.root), seq: START, value: null, at: 0 }
        return { entry: entryOf('notifications', none), changed: false }
      })
    },
  }
}
