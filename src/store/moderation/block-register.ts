import type { Sql } from 'postgres'
import { type BlockRegister, ChatError, type UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { block } from '../functions/index.ts'
import { checkedId, toUserRef } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'
import { rulesEvent } from './rules-event.ts'

/** Whom users block. */
export function createBlockRegister(sql: Sql, guard: Guard): BlockRegister {
  return {
    block(user, other, on, most) {
      return guard(async () => {
        const row = await block.row(sql, { user: user.id, other, on, most })
        if (row.too_many) throw new ChatError('conflict', `A user may block at most ${most} others`)
        const { changed, room, seq, at, posts } = row
        if (room === null || seq === null || posts === null) return { changed, event: null }
        return {
          changed,
          event: rulesEvent({ roomId: checkedId(room), seq, at, actor: user, posts, slow: 0 }),
        }
      })
    },

    blocked(user, { after, limit }) {
      const own = sql`select * from user_blocks where user_id = ${user} and blocked_id > ${after}`
      return guard(async () => {
        const rows = await sql<{ user: UserId; username: string | null; at: number }[]>`
          select b.blocked_id::float8 as user, u.username, (extract(epoch from b.created_at) * 1000)::float8 as at
          from (${firstRows(sql, own, sql`blocked_id`, limit)}) b
          left join lateral (select username from users where id = b.blocked_id limit 1) u on true
          order by b.blocked_id`
        return rows.map((row) => ({ user: toUserRef(row.user, row.username), at: new Date(row.at) }))
      })
    },

    blocks(user, other) {
      return guard(async () => {
        const rows =
          await sql`select 1 from user_blocks where user_id = ${user} and blocked_id = ${other} limit 1`
        return rows.length > 0
      })
    },
  }
}
