import type { Sql } from 'postgres'
import {
  type FollowedThread,
  MOST_FOLLOWED,
  type RoomId,
  type Seq,
  type TakeTurn,
  type ThreadChange,
  type ThreadLog,
  type ThreadPage,
  type UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { followThread, readThread } from '../functions/index.ts'
import {
  type MessageRow,
  messageColumns,
  pageIn,
  parseThread,
  pinOf,
  reactionsOf,
  type Seen,
  senderJoin,
  textOf,
  toMessage,
  toPins,
  toSeenReactions,
  toSeq,
  windowOf,
} from '../messages/index.ts'
import { firstRows, type Part } from '../sql/index.ts'
import { type OwnRow, ownColumns, toOwn, unreadOf } from './own-thread.ts'

/** Reads threads, and keeps who follows them. */
export function createThreadLog(sql: Sql, guard: Guard, turn: TakeTurn): ThreadLog {
  const columns = messageColumns(sql)
  const sender = senderJoin(sql)

  /** The numbers of the first replies of the thread `root.n`: those that are left and the deleted ones, each by the key. */
  function replies(room: RoomId, where: Part, tombstones: boolean, order: Part, limit: number) {
    const those = (gone: boolean) =>
      firstRows(
        sql,
        sql`select seq from thread_replies where room_id = ${room} and root = root.n and gone = ${gone} and ${where}`,
        order,
        limit,
      )
    if (!tombstones) return those(false)
    return sql`select * from ((${those(false)}) union all (${those(true)})) found order by ${order} limit ${limit}`
  }

  async function changed(
    user: UserId,
    room: RoomId,
    { root, version, following, read_seq: read, changed }: StateRow,
  ): Promise<ThreadChange> {
    if (version === null || root === null || following === null || read === null) {
      return { verdict: root === null ? 'no_message' : 'not_member' }
    }
    const [at, readSeq] = [toSeq(root), toSeq(read)]
    const [row] = await sql<
      { unread: number }[]
    >`select ${unreadOf(sql, sql`${room}`, at, user, readSeq)} as unread`
    return {
      verdict: 'done',
      changed,
      own: { root: at, following, readSeq, version, unread: row?.unread ?? 0 },
    }
  }

  return {
    thread({ room, message, viewer, tombstones }, where, limit) {
      const wanted = windowOf(where, limit)
      const { pivot, older, newer } = wanted
      return guard(async (): Promise<ThreadPage | null> => {
        // One more row on either side shows whether there are further ones. What concerns the whole thread is in the first row, which is
        // that of the message that begins it.
        const rows = await sql<PageRow[]>`
          select ${columns}, ${reactionsOf(sql, sql`${room}::bigint`, sql`m.seq`, viewer)} as reactions, null as begun,
            ${pinOf(sql, sql`${room}::bigint`, sql`m.seq`)} as pin,
            case when m.seq = root.n then r.last_seq end as head,
            case when m.seq = root.n then parley_thread(r.id, root.n) end as thread,
            case when m.seq = root.n then (select row_to_json(o)::text from (
              select ${ownColumns(sql, sql`r.id`, sql`root.n`, viewer)} from (select) one
              left join lateral (
                select * from thread_follows where user_id = ${viewer} and room_id = r.id and root = root.n limit 1
              ) f on true
            ) o) end as own
          from rooms r cross join lateral (select parley_root(r.id, ${message}::bigint) as n offset 0) root
          cross join lateral (
            (select root.n as seq)
            union all
            (${replies(room, sql`seq < ${pivot}`, tombstones, sql`seq desc`, older + 1)})
            union all
            (${replies(room, sql`seq >= ${pivot}`, tombstones, sql`seq`, newer + 1)})
          ) page
          cross join lateral (select * from messages where room_id = ${room} and seq = page.seq limit 1) m
          ${sender} where r.id = ${room} and r.deleted_at is null order by m.seq`
        await turn(textOf(rows))
        const [first] = rows
        const messages = rows.flatMap((row) => toMessage(room, row) ?? [])
        const begins = messages[0]
        // Nobody can read a thread whose first message SQL has removed.
        if (first === undefined || begins === undefined || first.own === null) return null
        const own: OwnRow = JSON.parse(first.own)
        return {
          message: begins,
          thread: parseThread(first.thread),
          own: toOwn(begins.seq, own),
          page: {
            ...pageIn(messages.slice(1), wanted),
            reactions: toSeenReactions(rows),
            threads: new Map(),
            pins: toPins(rows),
            head: toSeq(first.head ?? 0),
          },
        }
      })
    },

    followThread(user, room, message, following) {
      return guard(async () =>
        changed(user, room, await followThread.row(sql, { user, room, seq: message, following })),
      )
    },

    readThread(user, room, message, readSeq) {
      return guard(async () =>
        changed(user, room, await readThread.row(sql, { user, room, seq: message, read: readSeq })),
      )
    },

    followedThreads(user, { skip, limit }) {
      const newest = sql`select * from thread_follows where user_id = ${user} and following`
      return guard(async () => {
        const rows = await sql<FollowedRow[]>`
          select page.room_id::float8 as room, ${columns}, parley_thread(page.room_id, page.root) as thread,
            ${ownColumns(sql, sql`page.room_id`, sql`page.root`, user)}
          from (
            select w.room_id, w.root, t.last_at from (${firstRows(sql, newest, sql`id desc`, MOST_FOLLOWED)}) w
            cross join lateral (select from members where room_id = w.room_id and user_id = ${user} limit 1) here
            left join lateral (select last_at, replies from threads where room_id = w.room_id and root = w.root limit 1) t on true
            where t.replies is distinct from 0
            order by t.last_at desc nulls last, w.room_id desc, w.root desc offset ${skip} limit ${limit}
          ) page
          cross join lateral (
            select * from thread_follows where user_id = ${user} and room_id = page.room_id and root = page.root limit 1
          ) f
          cross join lateral (select * from messages where room_id = page.room_id and seq = page.root limit 1) m
          ${sender} order by page.last_at desc nulls last, page.room_id desc, page.root desc`
        await turn(textOf(rows))
        return rows.flatMap((row): FollowedThread | [] => {
          const message = toMessage(row.room, row)
          if (message === null) return []
          return { message, thread: parseThread(row.thread), own: toOwn(message.seq, row) }
        })
      })
    },
  }
}

/** What the functions return of a user's relation to a thread; null where there is no such message, or the user is no member. */
interface StateRow {
  readonly root: number | null
  readonly following: boolean | null
  readonly read_seq: number | null
  readonly version: number | null
  readonly changed: boolean
}

type PageRow = MessageRow &
  Seen & {
    readonly head: Seq | null
    readonly thread: string | null
    readonly own: string | null
  }

type FollowedRow = MessageRow & OwnRow & { readonly room: RoomId; readonly thread: string | null }
