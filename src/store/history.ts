import type { Sql } from 'postgres'
import type { HistoryPage, HistoryWhere, MessageLog, RoomId, Seq } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { numberArray } from './pg-array.ts'
import { type ChangeSources, type MessageRow, toChanges, toMessage, toSeq } from './rows.ts'

/** Reading messages: pages of history, and what has changed. Each is one statement, so one consistent picture. */
export function createHistory(
  sql: Sql,
  guard: Guard,
): Pick<MessageLog, 'history' | 'numberedPage' | 'changes' | 'heads' | 'message'> {
  const columns = messageColumns(sql)

  return {
    history(room, where, limit, { tombstones }) {
      const { pivot, older, newer } = window(where, limit)
      return guard(async (): Promise<HistoryPage> => {
        // One more on either side tells whether there is more.
        const rows = await sql<(MessageRow & { head: number })[]>`
          select r.last_seq::float8 as head, ${columns}
          from rooms r left join (
            (select * from messages where room_id = ${room} and seq < ${pivot} and (${tombstones} or deleted_at is null)
              order by seq desc limit ${older + 1})
            union all
            (select * from messages where room_id = ${room} and seq >= ${pivot} and (${tombstones} or deleted_at is null)
              order by seq limit ${newer + 1})
          ) m on true left join users u on u.id = m.sender_id
          where r.id = ${room} order by m.seq`
        const messages = rows.flatMap((row) => toMessage(row) ?? [])
        const split = messages.findIndex((message) => message.seq >= pivot)
        const before = split === -1 ? messages : messages.slice(0, split)
        const after = split === -1 ? [] : messages.slice(split)
        const hasOlder = before.length > older
        return {
          messages: [...(hasOlder ? before.slice(1) : before), ...after.slice(0, newer)],
          head: toSeq(rows[0]?.head ?? 0),
          hasOlder,
          hasNewer: after.length > newer,
        }
      })
    },

    numberedPage(room, offset, limit) {
      return guard(async () => {
        const rows = await sql<(MessageRow & { count: number })[]>`
          select ${columns}, total.n::float8 as count
          from (select count(*) as n from messages where room_id = ${room} and deleted_at is null) total
          left join (
            select * from messages where room_id = ${room} and deleted_at is null order by seq desc
            limit ${limit} offset ${offset}
          ) m on true left join users u on u.id = m.sender_id
          order by m.seq desc`
        return { messages: rows.flatMap((row) => toMessage(row) ?? []), count: rows[0]?.count ?? 0 }
      })
    },

    changes(room, after, limit) {
      return guard(async () => {
        const [row] = await sql<ChangeRow[]>`
          select r.last_seq::float8 as head, r.description, r.avatar,
            (select json_agg(x)::text from (
              select ${columns} from messages m join users u on u.id = m.sender_id
              where m.room_id = ${room} and m.seq > ${after} order by m.seq limit ${limit}) x) as sent,
            (select json_agg(x)::text from (
              select ${columns} from messages m join users u on u.id = m.sender_id
              where m.room_id = ${room} and m.version_seq > ${after} and m.seq <= ${after}
              order by m.version_seq limit ${limit}) x) as revised,
            (select json_agg(x)::text from (
              select e.seq, e.change, e.role, e.user_id as "user", u.username, e.actor_id as actor, a.username as "actorName",
                (extract(epoch from e.created_at) * 1000)::float8 as at
              from member_events e join users u on u.id = e.user_id join users a on a.id = e.actor_id
              where e.room_id = ${room} and e.seq > ${after} order by e.seq limit ${limit}) x) as members
          from rooms r where r.id = ${room} and r.deleted_at is null`
        return row === undefined ? null : toChanges(room, parseSources(row), limit)
      })
    },

    heads(rooms) {
      if (rooms.length === 0) return Promise.resolve(new Map())
      return guard(async () => {
        const rows = await sql<{ id: RoomId; head: Seq }[]>`
          select id::float8 as id, last_seq::float8 as head from rooms
          where id = any(${numberArray(rooms)}::text::bigint[]) and deleted_at is null`
        return new Map(rows.map((row) => [row.id, row.head]))
      })
    },

    message(room, at) {
      return guard(async () => {
        const one = 'id' in at ? sql`m.id = ${at.id}` : sql`m.seq = ${at.seq}`
        const [row] = await sql<MessageRow[]>`
          select ${columns} from messages m join users u on u.id = m.sender_id where m.room_id = ${room} and ${one}`
        return row === undefined ? null : toMessage(row)
      })
    },
  }
}

/** Parsed here: whether the driver parses JSON by itself depends on who else uses the client. */
function parseSources({ sent, revised, members, ...room }: ChangeRow): ChangeSources {
  return {
    ...room,
    sent: JSON.parse(sent ?? '[]'),
    revised: JSON.parse(revised ?? '[]'),
    members: JSON.parse(members ?? '[]'),
  }
}

/** What `MessageRow` holds; needs the message as `m` and its sender as `u`. */
export function messageColumns(sql: Sql) {
  return sql`m.room_id::float8 as room, m.seq::float8 as seq, m.id::float8 as id, m.version_seq::float8 as version,
    m.sender_id::float8 as sender, u.username, m.client_id as key, m.kind, m.body, m.reply_to::float8 as reply,
    (extract(epoch from m.created_at) * 1000)::float8 as created,
    (extract(epoch from m.edited_at) * 1000)::float8 as edited,
    (extract(epoch from m.deleted_at) * 1000)::float8 as deleted`
}

/** How many messages before the pivot, and how many from it on. */
function window(where: HistoryWhere, limit: number): { pivot: number; older: number; newer: number } {
  if (where === 'latest') return { pivot: Number.MAX_SAFE_INTEGER, older: limit, newer: 0 }
  if ('before' in where) return { pivot: where.before, older: limit, newer: 0 }
  if ('after' in where) return { pivot: where.after + 1, older: 0, newer: limit }
  const older = limit >> 1
  return { pivot: where.around, older, newer: limit - older }
}

interface ChangeRow {
  readonly head: Seq
  readonly description: string
  readonly avatar: string
  readonly sent: string | null
  readonly revised: string | null
  readonly members: string | null
}
