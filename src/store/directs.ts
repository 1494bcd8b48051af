import type { Sql } from 'postgres'
import type { DirectSummary, RoomId, RoomRegister, Seq, UserId } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { messageColumns } from './history.ts'
import { type MessageRow, toMessage } from './rows.ts'

/** A user's direct chats with what a list of them shows, in one statement. */
export function createDirects(sql: Sql, guard: Guard): Pick<RoomRegister, 'directs' | 'direct'> {
  const summaries = sql`
      select ${messageColumns(sql)}, r.id::float8 as room_id, r.last_seq::float8 as head,
        c.id::float8 as creator, c.username as creator_name, count_unread.n as unread,
        (extract(epoch from r.created_at) * 1000)::float8 as room_created,
        (extract(epoch from r.updated_at) * 1000)::float8 as room_updated,
        o.id::float8 as other, o.username as other_name, o.first_name, o.last_name,
        (extract(epoch from o.created_at) * 1000)::float8 as other_created
      from members me
      join rooms r on r.id = me.room_id and r.kind = 'direct' and r.deleted_at is null
      join users o on o.id = case when r.direct_low = me.user_id then r.direct_high else r.direct_low end
      left join users c on c.id = r.creator_id
      left join lateral (
        select * from messages where room_id = r.id and deleted_at is null order by seq desc limit 1
      ) m on true
      left join users u on u.id = m.sender_id
      cross join lateral (
        select count(*)::int as n from messages
        where room_id = r.id and seq > me.read_seq and sender_id <> me.user_id and deleted_at is null
      ) count_unread`

  return {
    directs(user, limit) {
      return guard(async () => {
        const rows = await sql<DirectRow[]>`
          ${summaries} where me.user_id = ${user}
          order by coalesce(m.created_at, r.created_at) desc, r.id desc limit ${limit}`
        return rows.map(toSummary)
      })
    },

    direct(user, room) {
      return guard(async () => {
        const [row] = await sql<DirectRow[]>`
          ${summaries} where me.user_id = ${user} and me.room_id = ${room}`
        return row === undefined ? null : toSummary(row)
      })
    },
  }
}

function toSummary(row: DirectRow): DirectSummary {
  return {
    room: {
      id: row.room_id,
      name: null,
      kind: 'direct',
      creator:
        row.creator === null || row.creator_name === null
          ? null
          : { id: row.creator, username: row.creator_name },
      description: '',
      avatar: '',
      lastSeq: row.head,
      memberCount: 2,
      createdAt: new Date(row.room_created),
      updatedAt: new Date(row.room_updated),
    },
    other: {
      id: row.other,
      username: row.other_name,
      firstName: row.first_name,
      lastName: row.last_name,
      createdAt: new Date(row.other_created),
    },
    lastMessage: toMessage(row),
    unread: row.unread,
  }
}

interface DirectRow extends MessageRow {
  readonly room_id: RoomId
  readonly head: Seq
  readonly creator: UserId | null
  readonly creator_name: string | null
  readonly room_created: number
  readonly room_updated: number
  readonly other: UserId
  readonly other_name: string
  readonly first_name: string
  readonly last_name: string
  readonly other_created: number
  readonly unread: number
}
