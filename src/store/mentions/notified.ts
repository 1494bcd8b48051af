import type { Sql } from 'postgres'
import type { Part } from '../sql/index.ts'

/**
 * Whether a member `m` wants to be notified now of a mention in the room, or in a thread of it. The level of the thread counts in place of
 * the room's; either may be muted, and users whom the member blocks never notify. Whatever else keeps a user from notifying another one belongs here, and into `parley_note_mentions` what
 * keeps a mention from being counted.
 * @param sender the id of who mentions the member, as an SQL expression
 * @param root the number of the message that begins the thread; null outside of threads
 */
export function isNotified(sql: Sql, sender: Part, root: Part) {
  const held = (item: Part, what: Part) => sql`(
      select ${what} from private_entries e
      where e.user_id = m.user_id and e.room_id = m.room_id and e.type = 'notifications' and e.item = ${item} limit 1)`
  const level = sql`e.value->>'level'`
  const muted = sql`(e.value->>'muted_until')::timestamptz > now()`
  const blocks = sql`select true from user_blocks where user_id = m.user_id and blocked_id = ${sender} limit 1`
  return sql`((${blocks}) is null and coalesce(${held(root, level)}, ${held(sql`0`, level)}, 'all') <> 'none'
    and not coalesce(${held(root, muted)}, false) and not coalesce(${held(sql`0`, muted)}, false))`
}
