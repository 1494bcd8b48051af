import type { Sql } from 'postgres'
import type { WireMessage } from './wire.ts'

/**
 * Returns a sentence for each room whose numbers are not exactly 1 to `last_seq`, each once.
 *
 * Valid only if no message is changed twice, because the number of the first change is then in no row.
 */
export async function findGaps(sql: Sql): Promise<string[]> {
  const rows = await sql<{ sentence: string }[]>`
    with numbers as (
      select room_id, seq from messages
      union all select room_id, seq from room_events
      union all select room_id, version_seq from messages where version_seq is not null
    )
    select format('room %s is at %s but has %s numbers, %s different ones, from %s to %s',
      r.id, r.last_seq, count(n.seq), count(distinct n.seq), min(n.seq), max(n.seq)) as sentence
    from rooms r left join numbers n on n.room_id = r.id
    group by r.id
    having count(n.seq) <> r.last_seq or count(distinct n.seq) <> r.last_seq
      or r.last_seq > 0 and (min(n.seq) <> 1 or max(n.seq) <> r.last_seq)
    order by r.id`
  return rows.map(({ sentence }) => sentence)
}

/** Every room's messages in the order of their numbers, in the shape of Chat API v1. */
export async function readStored(sql: Sql): Promise<Map<string, WireMessage[]>> {
  const rows = await sql<{ room: string; messages: WireMessage[] | null }[]>`
    select r.id::text as room, (
      select json_agg(json_build_object('id', m.id::text, 'room_id', m.room_id::text, 'user_id', m.sender_id::text,
        'content', m.body, 'type', m.kind,
        'created_at', to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by m.seq)
      from messages m where m.room_id = r.id and m.deleted_at is null) as messages
    from rooms r order by r.id`
  return new Map(rows.map(({ room, messages }) => [room, messages ?? []]))
}
