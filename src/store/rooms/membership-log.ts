import type { Sql } from 'postgres'
import type { MembershipChange, MembershipChangeType, MembershipLog, Role, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { checkedId, toRole, toSeq, toUserRef } from '../messages/index.ts'
import { firstRows, toArray } from '../sql/index.ts'

/** Reads users' numbered memberships. `drizzle/functions/parley_note_memberships.sql` writes them. */
export function createMembershipLog(sql: Sql, guard: Guard): MembershipLog {
  return {
    membershipChangesOf(wanted, limit) {
      const after = sql`select * from membership_changes where user_id = w."user" and seq > w.after`
      return guard(async () => {
        const rows = await sql<ChangeRow[]>`
          select w.place::int as place, coalesce(h.seq, 0)::float8 as head, coalesce(h.forgotten_seq, 0)::float8 as forgotten,
            c.room_id::float8 as room, c.seq::float8 as seq, c.type, c.role, c.actor_id::float8 as actor, a.username,
            (extract(epoch from c.created_at) * 1000)::float8 as at
          from unnest(${toArray(wanted.map(({ user }) => user))}::text::bigint[],
            ${toArray(wanted.map((each) => each.after))}::text::bigint[]) with ordinality w("user", after, place)
          left join lateral (select * from membership_heads where user_id = w."user" limit 1) h on true
          left join lateral (${firstRows(sql, after, sql`seq`, limit)}) c on true
          left join lateral (select username from users where id = c.actor_id limit 1) a on true
          order by w.place, c.seq`
        const byPlace = Map.groupBy(rows, ({ place }) => place)
        return wanted.map((_, index) => {
          const own = byPlace.get(index + 1) ?? []
          const changes = own.flatMap((row) => toChange(row) ?? [])
          const head = toSeq(own[0]?.head ?? 0)
          const last = changes.at(-1)
          const upTo = changes.length < limit || last === undefined ? head : last.seq
          return { changes, upTo, head, forgotten: toSeq(own[0]?.forgotten ?? 0) }
        })
      })
    },

    membershipHeads(users) {
      return guard(async () => {
        const rows = await sql<{ user: UserId; head: number }[]>`
          select h.user_id::float8 as user, h.seq::float8 as head from unnest(${toArray(users)}::text::bigint[]) w(id)
          cross join lateral (select * from membership_heads where user_id = w.id limit 1) h`
        return new Map(rows.map(({ user, head }) => [user, toSeq(head)]))
      })
    },
  }
}

function toChange({ room, seq, type, role, actor, username, at }: ChangeRow): MembershipChange | null {
  if (room === null || seq === null || type === null || actor === null || at === null) return null
  return {
    roomId: checkedId(room),
    seq: toSeq(seq),
    type,
    role: role === null ? null : toRole(role),
    actor: toUserRef(actor, username),
    at: new Date(at),
  }
}

/** One change of one user; of a user without changes one row, whose columns from `room` on are null. */
interface ChangeRow {
  /** The position of the user in the question, from 1. */
  readonly place: number
  readonly head: number
  readonly forgotten: number
  readonly room: number | null
  readonly seq: number | null
  readonly type: MembershipChangeType | null
  readonly role: Role | null
  readonly actor: UserId | null
  readonly username: string | null
  readonly at: number | null
}
