import postgres, { type ISql } from 'postgres'

/** A message as the tables have it: what every contract's own shape is checked against. */
export interface Stored {
  readonly id: number
  readonly seq: number
  readonly senderId: number
  readonly sender: string
  readonly kind: string
  readonly body: string
  readonly at: Date
}

export type Tables = ReturnType<typeof openTables>

/** Looks into the database, past all of the server's code. */
export function openTables(databaseUrl: string) {
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })
  return {
    sql,

    /** The room's messages that are not deleted, in their order. */
    async messages(room: { id: number }): Promise<Stored[]> {
      return await sql<Stored[]>`
        select m.id::float8 as id, m.seq::float8 as seq, m.sender_id::float8 as "senderId", u.username as sender, m.kind, m.body,
          m.created_at as at
        from messages m join users u on u.id = m.sender_id
        where m.room_id = ${room.id} and m.deleted_at is null order by m.seq`
    },

    /** The number of the latest change of someone's membership. */
    async membershipSeq(room: { id: number }, person: { id: number }): Promise<number> {
      const [row] = await sql<{ seq: number | null }[]>`
        select max(seq)::float8 as seq from room_events where room_id = ${room.id} and user_id = ${person.id}`
      if (typeof row?.seq !== 'number') throw new Error('nothing has happened to this membership')
      return row.seq
    },

    /** Up to where each member has read. */
    async readMarks(room: { id: number }): Promise<Map<number, number>> {
      const rows = await sql<{ user: number; seq: number }[]>`
        select user_id::float8 as "user", read_seq::float8 as seq from members where room_id = ${room.id}`
      return new Map(rows.map(({ user, seq }) => [user, seq]))
    },

    close: () => sql.end(),
  }
}

/**
 * Messages written past the server, as another node writes them: `old 1` to `old <count>`, each with the filler behind it,
 * by the two in turns.
 */
export async function insertOld(
  sql: ISql,
  room: { readonly id: number },
  [one, other]: readonly [{ readonly id: number }, { readonly id: number }],
  count: number,
  filler = '',
): Promise<void> {
  await sql`
    with room as (update rooms set last_seq = last_seq + ${count} where id = ${room.id} returning id, last_seq - ${count} as last)
    insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at)
    select room.id, room.last + n, nextval('message_ids'),
      case when n % 2 = 1 then ${one.id}::bigint else ${other.id}::bigint end, ${crypto.randomUUID()}::text || n, 'text',
      'old ' || n || ${filler}::text, '2025-01-01'::timestamptz + n * interval '1 second'
    from room, generate_series(1, ${count}::int) n`
}
