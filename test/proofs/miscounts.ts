import type { ISql } from 'postgres'

/**
 * Returns a line for each count or list of the database that a recount of its messages contradicts.
 * @param blocked who has ever blocked whom: those need not be mentioned
 */
export async function miscounts(sql: ISql, blocked: ReadonlySet<string>): Promise<string[]> {
  const threads = await sql<Row[]>`
    with counted as (
      select room_id, thread as root, count(*) filter (where deleted_at is null)::int as replies,
        count(distinct sender_id) filter (where deleted_at is null)::int as participants,
        max(seq) filter (where deleted_at is null) as last_seq
      from messages where thread is not null group by 1, 2
    )
    select room_id::float8 as room, root::float8 as seq, to_jsonb(c)::text || ', kept ' || coalesce(to_jsonb(t)::text, 'none') as what
    from counted c full join threads t using (room_id, root)
    where (c.replies, c.participants, c.last_seq) is distinct from (t.replies, t.participants, t.last_seq)
      and room_id in (select room_id from members)`
  const rooms = await sql<Row[]>`
    select room_id::float8 as room, seq::float8 as seq, coalesce(k.seq, 0) || ' is kept for @room' as what
    from (
      select room_id, seq from messages where deleted_at is null and (details->'mentions'->>'room')::boolean
    ) m full join room_mentions k using (room_id, seq)
    where (m.seq is null or k.seq is null) and room_id in (select room_id from members)`
  const named = await sql<(Row & { user: number; sender: number | null; kept: boolean })[]>`
    select room_id::float8 as room, seq::float8 as seq, user_id::float8 as user, m.sender_id::float8 as sender,
      k.named is not null as kept, 'mentions ' || user_id as what
    from (
      select room_id, seq, (u->>'id')::bigint as user_id, sender_id
      from messages, jsonb_array_elements(details->'mentions'->'users') u where deleted_at is null
    ) m full join (select * from mentions where named) k using (room_id, seq, user_id)
    where (m.seq is null or k.seq is null) and m.sender_id is distinct from user_id
      and room_id in (select room_id from members)`
  const missing = named.filter(({ user, sender, kept }) => kept || !blocked.has(`${user} ${sender}`))
  return [...threads, ...rooms, ...missing].map(
    ({ room, seq, what }) => `message ${seq} of room ${room}: ${what}`,
  )
}

interface Row {
  readonly room: number
  readonly seq: number
  readonly what: string
}
