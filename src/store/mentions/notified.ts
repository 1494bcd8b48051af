import type { Sql } from 'postgres'
import type { Part } from '../sql/index.ts'

/**
 * Whether a member `m` wants to be notified now of a mention in the room. Whatever keeps a user from notifying another one belongs here,
 * and into `parley_note_mentions` what keeps a mention from being counted.
 * @param _sender the id of who mentions the member, as an SQL expression
 */
export function isNotified(sql: Sql, _sender: Part) {
  return sql`true`
}
