import type { Sql } from 'postgres'
import type { Message, RoomEvent } from '../../src/api/v2/wire/index.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'

/** Where the missed numbers begin, and who caused them. */
export interface Missed {
  readonly room: number
  readonly sender: { readonly id: number; readonly username: string }
  /** The room's number before them. */
  readonly base: number
  readonly count: number
  /** Is appended to each text. */
  readonly filler: string
}

/**
 * Writes changes directly to the database, as another node would. They are messages, except that every tenth number edits the fifth
 * message of its ten, and every hundredth deletes it.
 */
export async function insertMissed(sql: Sql, { room, sender, base, count, filler }: Missed): Promise<void> {
  await sql`
    insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at, version_seq, edited_at, deleted_at)
    select ${room}::bigint, ${base}::bigint + n, nextval('message_ids'), ${sender.id}::bigint, ${`missed in ${room}: `}::text || n, 'text',
      case when not revised then 'word ' || n || ${filler}::text when deleted then '' else 'other word ' || n || ${filler}::text end,
      ${AT}::timestamptz,
      case when revised then ${base}::bigint + n + 5 end,
      case when revised and not deleted then ${AT}::timestamptz end,
      case when revised and deleted then ${AT}::timestamptz end
    from (
      select n, n % 10 = 5 and n + 5 <= ${count}::int as revised, (n + 5) % 100 = 0 as deleted
      from generate_series(1, ${count}::int) n where n % 10 <> 0
    ) numbers`
  await sql`update rooms set last_seq = ${base + count} where id = ${room}`
  // The database does this by itself a little later.
  await sql`analyze messages`
}

/** Returns the compacted changes after a number, with the ids of the given events. */
export function expectedEvents(missed: Missed, after: number, told: readonly RoomEvent[]): RoomEvent[] {
  const { room, base, count } = missed
  const ids = new Map(
    told.flatMap((event) => (hasMessage(event) ? [[event.message.seq, event.message.id]] : [])),
  )
  const events: RoomEvent[] = []
  for (let n = after - base + 1; n <= count; n++) {
    const of = n % 10 === 0 ? n - 5 : n
    if (of !== n && of > after - base) continue
    const message = expectedMessage(missed, of, ids.get(base + of) ?? 0)
    const type = of === n ? 'message' : message.deleted_at === null ? 'edited' : 'deleted'
    events.push({ type, room, seq: base + n, message })
  }
  return events
}

function expectedMessage({ room, sender, base, count, filler }: Missed, n: number, id: number): Message {
  const revised = n % 10 === 5 && n + 5 <= count
  const deleted = revised && (n + 5) % 100 === 0
  return {
    id,
    room,
    seq: base + n,
    version: revised ? base + n + 5 : null,
    sender: { id: sender.id, username: sender.username },
    client_id: `missed in ${room}: ${n}`,
    kind: 'text',
    body: deleted ? '' : `${revised ? 'other word' : 'word'} ${n}${filler}`,
    reply_to: null,
    created_at: AT,
    edited_at: revised && !deleted ? AT : null,
    deleted_at: deleted ? AT : null,
  }
}

const AT = '2026-01-01T12:00:00.000Z'
