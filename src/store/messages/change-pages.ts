import type { Sql } from 'postgres'
import {
  type Changes,
  type ChangesWanted,
  type JsonText,
  type MessageLog,
  PAGE_TEXT,
  type Seq,
  type TakeTurn,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { bodyLength, firstRows, fittingRows, inTurns, type Part, toArray } from '../sql/index.ts'
import { type ChangeSources, toChanges } from './changes.ts'
import { messageColumns, reactionsOf, senderJoin } from './history.ts'

/** Reads what has changed in rooms. Each call is one statement, so it sees one snapshot of the database. */
export function createChangePages(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<MessageLog, 'changes' | 'changesOf'> {
  const columns = messageColumns(sql)
  const sender = senderJoin(sql)
  // Of several replies of a thread the last one tells it. A reply that was revised is told after those that were sent.
  const threadNow = sql`case when m.thread is not null and m.seq = max(m.seq) over (partition by m.thread)
    then parley_thread(m.room_id, m.thread) end as thread`

  async function changesOf(wanted: readonly ChangesWanted[]): Promise<(Changes | null)[]> {
    if (wanted.length === 0) return []
    const largest = Math.max(...wanted.map(({ limit }) => limit))
    const since = (rows: Part, order: Part) => firstRows(sql, rows, order, largest, sql`w.most`)
    const fitting = (rows: Part, order: Part, length = bodyLength(sql)) =>
      fittingRows(sql, since(rows, order), order, PAGE_TEXT, length)
    const sent = sql`select * from messages where room_id = r.id and seq > w.after`
    const revised = sql`
      select * from messages where room_id = r.id and version_seq > w.after and seq <= w.after`
    const events = sql`select * from room_events where room_id = r.id and seq > w.after`
    const rows = await guard(
      () => sql<ChangeRow[]>`
        select w.place::int as place, r.last_seq::float8 as head, r.description, r.avatar, r.metadata,
          (select json_agg(x)::text from (
            select ${columns}, ${threadNow} from (${fitting(sent, sql`seq`)}) m ${sender} order by m.seq) x) as sent,
          (select json_agg(x)::text from (
            select ${columns}, ${threadNow} from (${fitting(revised, sql`version_seq`)}) m ${sender} order by m.version_seq) x) as revised,
          other.events, other.reactions
        from unnest(${toArray(wanted.map(({ room }) => room))}::text::bigint[],
          ${toArray(wanted.map(({ after }) => after))}::text::bigint[],
          ${toArray(wanted.map(({ limit }) => limit))}::text::bigint[]) with ordinality w(room, after, most, place)
        cross join lateral (select * from rooms where id = w.room and deleted_at is null limit 1) r
        cross join lateral (
          with events as materialized (${fitting(events, sql`seq`, sql`coalesce(length(payload::text), 0)`)})
          select (select json_agg(x)::text from (
              select e.seq, e.type, e.user_id as "user", u.username, e.actor_id as actor, a.username as "actorName",
                e.role, e.payload, case when e.type = 'pin' then coalesce((select deleted_at is not null from messages
                  where room_id = r.id and seq = (e.payload ->> 'message')::bigint limit 1), true) end as gone,
                (extract(epoch from e.created_at) * 1000)::float8 as at, e.more
              from events e
              left join lateral (select username from users where id = e.user_id limit 1) u on true
              left join lateral (select username from users where id = e.actor_id limit 1) a on true
              order by e.seq) x) as events,
            (select json_object_agg(x.message, ${reactionsOf(sql, sql`r.id`, sql`x.message`, null)}::json)::text from (
              select distinct (payload ->> 'message')::bigint as message from events where type = 'reaction') x) as reactions
        ) other`,
    )
    const pages = wanted.map((): Changes | null => null)
    await inTurns(rows, turn, textIn, (row) => {
      const one = wanted[row.place - 1]
      if (one !== undefined) pages[row.place - 1] = toChanges(one.room, parseSources(row), one.limit)
    })
    return pages
  }

  return {
    changesOf,
    async changes(room, after, limit) {
      return (await changesOf([{ room, after, limit }]))[0] ?? null
    },
  }
}

function textIn({ sent, revised, events }: ChangeRow): number {
  return (sent?.length ?? 0) + (revised?.length ?? 0) + (events?.length ?? 0)
}

/** Parses the JSON here: whether the driver does it depends on whether drizzle uses the same client. */
function parseSources({ sent, revised, events, reactions, ...room }: ChangeRow): ChangeSources {
  return {
    ...room,
    sent: JSON.parse(sent ?? '[]'),
    revised: JSON.parse(revised ?? '[]'),
    events: JSON.parse(events ?? '[]'),
    reactions: JSON.parse(reactions ?? '{}'),
  }
}

interface ChangeRow {
  /** The position of what was wanted, from 1. */
  readonly place: number
  readonly head: Seq
  readonly description: string
  readonly metadata: JsonText | null
  readonly avatar: string
  readonly sent: string | null
  readonly revised: string | null
  readonly events: string | null
  readonly reactions: string | null
}
