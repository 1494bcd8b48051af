import type { Sql } from 'postgres'
import type { HistoryPage, MessageLog, RoomId, Seq, TakeTurn, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, type Part, toArray } from '../sql/index.ts'
import { pageIn, windowOf } from './page-window.ts'
import { pinOf, toPins } from './pins.ts'
import { toSeenReactions } from './reactions.ts'
import { type MessageRow, textOf, toMessage, toSeq } from './rows.ts'
import { parseThread, toThreads } from './threads.ts'

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
      const wanted = windowOf(where, limit)
      const { pivot, older, newer } = wanted
      return guard(async (): Promise<HistoryPage> => {
        // One more row on either side shows whether there are further ones.
        // The head is in one column only, since every value of a row costs time.
        const rows = await sql<(MessageRow & Seen & { head: Seq | null })[]>`
          select case row_number() over (order by m.seq) when 1 then r.last_seq end as head, ${columns},
            ${viewer === undefined ? sql`null` : reactionsOf(sql, room, sql`m.seq`, viewer)} as reactions,
            ${viewer === undefined ? sql`null` : threadOf(sql, room, sql`m.seq`)} as begun,
            ${viewer === undefined ? sql`null` : pinOf(sql, room, sql`m.seq`)} as pin
          from rooms r left join (
            (${shown(room, sql`seq < ${pivot}`, tombstones, sql`seq desc`, older + 1)})
            union all
            (${shown(room, sql`seq >= ${pivot}`, tombstones, sql`seq`, newer + 1)})
          ) m on true ${sender} where r.id = ${room} order by m.seq`
        await turn(textOf(rows))
        const messages = rows.flatMap((row) => toMessage(room, row) ?? [])
        return {
          ...pageIn(messages, wanted),
          reactions: toSeenReactions(rows),
          threads: toThreads(rows),
          pins: toPins(rows),
          head: toSeq(rows[0]?.head ?? 0),
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
        const [row] = await sql<(MessageRow & { thread: string | null })[]>`
          select ${columns}, case when m.thread is not null then parley_thread(m.room_id, m.thread) end as thread from messages m ${sender} where m.room_id = ${room} and ${one}`
        return row === undefined ? null : toMessage(room, row, parseThread(row.thread))
      })
    },
  }
}

/** What a viewer sees besides the messages. */
export interface Seen {
  readonly reactions: string | null
  /** The thread that the message begins. */
  readonly begun: string | null
  readonly pin: string | null
}

/** The columns of `MessageRow`; needs the message as `m`, and `senderJoin`. */
export function messageColumns(sql: Sql) {
  const ms = (time: Part) => sql`(extract(epoch from ${time}) * 1000)::bigint`
  return sql`m.seq, m.id, m.version_seq as version, m.sender_id as sender, u.username, m.client_id as key, m.kind, m.body,
    m.reply_to as reply, m.thread as root, m.in_room, m.details::text as details, ${ms(sql`m.created_at`)} as created,
    ${ms(sql`m.edited_at`)} as edited,
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

/** The thread that a message begins as text, for `toThreads`; null if nobody has replied. For few messages the function is called. */
export function threadOf(sql: Sql, room: RoomId | Part, message: Part) {
  return sql`(select parley_thread(t.room_id, t.root) from (
    select room_id, root from threads where room_id = ${room} and root = ${message} and replies > 0 limit 1) t)`
}

/** Joins the sender of the message `m`, which may be missing. */
export function senderJoin(sql: Sql) {
  return sql`left join lateral (select username from users where id = m.sender_id limit 1) u on true`
}
