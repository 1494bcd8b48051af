import type { Sql } from 'postgres'
import type { Pin, Pins, RoomId, Seq, UserId } from '../../core/index.ts'
import type { Part } from '../sql/index.ts'
import { toUserRef } from './rows.ts'

/** Who has pinned a message, and when, as text, for `parsePin` and `toPins`; null if it is not pinned. */
export function pinOf(sql: Sql, room: RoomId | Part, message: Part) {
  return sql`(select json_build_array(k.user_id, (select username from users where id = k.user_id limit 1),
      (extract(epoch from k.created_at) * 1000)::bigint)::text
    from (select * from pins where room_id = ${room} and seq = ${message} limit 1) k)`
}

/** @param text as `pinOf` selects it */
export function parsePin(text: string | null): Pin | null {
  if (text === null) return null
  const [user, username, at]: readonly [user: UserId, username: string | null, at: number] = JSON.parse(text)
  return { by: toUserRef(user, username), at: new Date(at) }
}

/** Returns the pins of messages, by the messages' numbers. */
export function toPins(rows: readonly { readonly seq: Seq; readonly pin: string | null }[]): Pins {
  const pins = new Map<Seq, Pin>()
  for (const { seq, pin } of rows) {
    const found = parsePin(pin)
    if (found !== null) pins.set(seq, found)
  }
  return pins
}
