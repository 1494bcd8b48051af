import type { Sql } from 'postgres'
import {
  MOST_PINS,
  type PinLog,
  type PinnedMessage,
  type PinVerdict,
  type Seq,
  type TakeTurn,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { pin } from '../functions/index.ts'
import {
  type MessageRow,
  messageColumns,
  parsePin,
  pinOf,
  senderJoin,
  textOf,
  toMessage,
  toSeq,
} from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'

/** What the codes of `parley_pin` mean, by their value. */
const verdicts: readonly PinVerdict[] = ['done', 'no_message', 'too_many']

/** Pins messages, and lists those that are pinned. */
export function createPinLog(sql: Sql, guard: Guard, turn: TakeTurn): PinLog {
  return {
    pin({ room, role }, actor, message, on, most) {
      return guard(async () => {
        const wanted = { room: room.id, actor: actor.id, actor_role: role, seq: message, on, most }
        const { code, changed, head, at } = await pin.row(sql, wanted)
        const seq = toSeq(head)
        const facts = { roomId: room.id, seq, message, on, at: new Date(at) }
        const { id, username } = actor
        return {
          verdict: verdicts[code] ?? 'no_message',
          event: changed ? { type: 'pin', ...facts, actor: { id, username } } : null,
          head: seq,
        }
      })
    },

    pinned(room, before, limit) {
      const all = firstRows(sql, sql`select * from pins where room_id = ${room}`, sql`seq`, MOST_PINS)
      return guard(async () => {
        const rows = await sql<PinnedRow[]>`
          select p.event_seq::float8 as pinned_seq, ${messageColumns(sql)},
            ${pinOf(sql, sql`p.room_id`, sql`p.seq`)} as pin
          from (
            select * from (${all}) a where event_seq < ${before ?? Number.MAX_SAFE_INTEGER} order by event_seq desc limit ${limit}
          ) p
          cross join lateral (select * from messages where room_id = p.room_id and seq = p.seq limit 1) m
          ${senderJoin(sql)} order by p.event_seq desc`
        await turn(textOf(rows))
        return rows.flatMap((row): PinnedMessage | [] => {
          const [found, its] = [toMessage(room, row), parsePin(row.pin)]
          if (found === null || its === null) return []
          return { message: found, pin: its, pinnedSeq: row.pinned_seq }
        })
      })
    },
  }
}

interface PinnedRow extends MessageRow {
  readonly pinned_seq: Seq
  readonly pin: string | null
}
