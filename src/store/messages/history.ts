import type { Sql } from 'postgres'
import type {
  HistoryPage,
  HistoryWhere,
  MessageLog,
  RoomId,
  Seq,
  TakeTurn,
  UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, type Part, toArray } from '../sql/index.ts'
import { toSeenReactions } from './reactions.ts'
import { type MessageRow, textOf, toMessage, toSeq } from './rows.ts'

/** Reads messages and pages of history. Each is one statement, so it sees one snapshot of the database. */
export function createHistory(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<MessageLog, 'history' | 'numberedPage' | 'heads' | 'message'> {
  const columns = messageColumns(sql)
  const sender = senderJoin(sql)

  function shown(room: RoomId, where: Part, tombstones: boolean, order: Part, limit: number) {
    const rows = sql`
      select * from messages where room_id = ${room} and ${where} and ${isShown(sql, tombstones)}`
    return firstRows(sql, rows, order, limit)
  }

  return {
    history(room, where, limit, { tombstones, viewer }) {
      const { pivot, older, newer } = window(where, limit)
      return guard(async (): Promise<HistoryPage> => {
        // One more row on either side shows whether there are further ones.
        // The head is in one column only, since every value of a row costs time.
        const rows = await sql<(MessageRow & { head: Seq | null; reactions: string | null })[]>`
          select case row_number() over (order by m.seq) when 1 then r.last_seq end as head, ${columns},
            ${viewer === undefined ? sql`null` : reactionsOf(sql, room, sql`m.seq`, viewer)} as reactions
          from rooms r left join (
            (${shown(room, sql`seq < ${pivot}`, tombstones, sql`seq desc`, older + 1)})
            union all
            (${shown(room, sql`seq >= ${pivot}`, tombstones, sql`seq`, newer + 1)})
          ) m on true ${sender} where r.id = ${room} order by m.seq`
        await turn(textOf(rows))
        const messages = rows.flatMap((row) => toMessage(room, row) ?? [])
        const split = messages.findIndex((message) => message.seq >= pivot)
        const before = split === -1 ? messages : messages.slice(0, split)
        const after = split === -1 ? [] : messages.slice(split)
        const hasOlder = before.length > older
        return {
          messages: [...(hasOlder ? before.slice(1) : before), ...after.slice(0, newer)],
          reactions: toSeenReactions(rows),
          head: toSeq(rows[0]?.head ?? 0),
          hasOlder,
          hasNewer: after.length > newer,
        }
      })
    },

    numberedPage(room, offset, limit) {
      return guard(async () => {
        const rows = await sql<(MessageRow & { count: number })[]>`
          select ${columns}, first.count::float8 as count
          from parley_numbered(${room}, ${offset}) first
          left join lateral (${shown(room, sql`seq <= first.seq`, false, sql`seq desc`, limit)}) m on true
          ${sender} order by m.seq desc`
        await turn(textOf(rows))
        return { messages: rows.flatMap((row) => toMessage(room, row) ?? []), count: rows[0]?.count ?? 0 }
      })
    },

    heads(rooms) {
      if (rooms.length === 0) return Promise.resolve(new Map())
      return guard(async () => {
        const rows = await sql<{ id: RoomId; head: Seq }[]>`
          select r.id::float8 as id, r.last_seq::float8 as head from unnest(${toArray(rooms)}::text::bigint[]) wanted(id)
          cross join lateral (select * from rooms where id = wanted.id and deleted_at is null limit 1) r`
        return new Map(rows.map((row) => [row.id, row.head]))
      })
    },

    message(room, at) {
      return guard(async () => {
        const one = 'id' in at ? sql`m.id = ${at.id}` : sql`m.seq = ${at.seq}`
        const [row] = await sql<MessageRow[]>`
          select ${columns} from messages m ${sender} where m.room_id = ${room} and ${one}`
        return row === undefined ? null : toMessage(room, row)
      })
    },
  }
}

/** The columns of `MessageRow`; needs the message as `m`, and `senderJoin`. */
export function messageColumns(sql: Sql) {
  const ms = (time: Part) => sql`(extract(epoch from ${time}) * 1000)::bigint`
  return sql`m.seq, m.id, m.version_seq as version, m.sender_id as sender, u.username, m.client_id as key, m.kind, m.body,
    m.reply_to as reply, m.details::text as details, ${ms(sql`m.created_at`)} as created, ${ms(sql`m.edited_at`)} as edited,
    ${ms(sql`m.deleted_at`)} as deleted`
}

/**
 * Whether a row of `messages` is shown. A `case` makes the planner expect it of every other row. Without statistics it expects
 * `is null` of one row in 200, and then reads and sorts the whole room to find enough rows.
 */
export function isShown(sql: Sql, tombstones: boolean) {
  return sql`case when deleted_at is null then true else ${tombstones} end`
}

/**
 * The reactions to a message as text, for `toSeenReactions`; null if it never had any, or is deleted. Few messages have, and only for
 * these is the function called.
 * @param viewer null if nobody's own reactions are wanted
 */
export function reactionsOf(sql: Sql, room: RoomId | Part, message: Part, viewer: UserId | Part | null) {
  return sql`(select parley_reactions(s.room_id, s.seq, ${viewer}::bigint) from (
    select room_id, seq from reaction_summaries where room_id = ${room} and seq = ${message} and not gone limit 1) s)`
}

/** Joins the sender of the message `m`, which may be missing. */
export function senderJoin(sql: Sql) {
  return sql`left join lateral (select username from users where id = m.sender_id limit 1) u on true`
}

/** Returns how many messages to read before the pivot, and how many from it on. */
function window(where: HistoryWhere, limit: number): { pivot: number; older: number; newer: number } {
  if (where === 'latest') return { pivot: Number.MAX_SAFE_INTEGER, older: limit, newer: 0 }
  if ('before' in where) return { pivot: where.before, older: limit, newer: 0 }
  if ('after' in where) return { pivot: where.after + 1, older: 0, newer: limit }
  const older = limit >> 1
  return { pivot: where.around, older, newer: limit - older }
}
