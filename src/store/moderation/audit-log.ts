import type { Sql } from 'postgres'
import type { AuditDetail, AuditEntry, ModerationRegister, Seq, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { toUserRef } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'

/** What the staff of rooms has done. The functions that do it write the entries. */
export function createAuditLog(sql: Sql, guard: Guard): Pick<ModerationRegister, 'audit'> {
  return {
    audit(room, { after, limit }) {
      const before = after === 0 ? Number.MAX_SAFE_INTEGER : after
      const some = sql`select * from room_audit where room_id = ${room} and id < ${before}`
      return guard(async () => {
        const rows = await sql<AuditRow[]>`
          select e.id::float8 as id, e.actor_id::float8 as actor, a.username as actor_name, e.action, e.user_id::float8 as user,
            u.username, e.seq::float8 as message, e.detail::text as detail,
            (extract(epoch from e.created_at) * 1000)::float8 as at
          from (${firstRows(sql, some, sql`id desc`, limit)}) e
          left join lateral (select username from users where id = e.actor_id limit 1) a on true
          left join lateral (select username from users where id = e.user_id limit 1) u on true
          order by e.id desc`
        return rows.map(toEntry)
      })
    },
  }
}

interface AuditRow {
  readonly id: number
  readonly actor: UserId
  readonly actor_name: string | null
  readonly action: string
  readonly user: UserId | null
  readonly username: string | null
  readonly message: Seq | null
  /** JSON as text: whether the driver parses it depends on whether drizzle uses the same client. */
  readonly detail: string | null
  readonly at: number
}

/** As the SQL functions write it. */
interface StoredDetail {
  readonly reason?: string
  readonly until?: number | null
  readonly role?: string | null
  readonly posting?: string
  readonly slow_mode?: number
  readonly outcome?: string
}

function toEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    actor: toUserRef(row.actor, row.actor_name),
    action: row.action,
    user: row.user === null ? null : toUserRef(row.user, row.username),
    message: row.message,
    detail: row.detail === null ? {} : toDetail(JSON.parse(row.detail)),
    at: new Date(row.at),
  }
}

function toDetail({ reason, until, role, posting, slow_mode, outcome }: StoredDetail): AuditDetail {
  return {
    ...(reason ? { reason } : {}),
    ...(until ? { until: new Date(until) } : {}),
    ...(role ? { role } : {}),
    ...(posting === undefined ? {} : { posting }),
    ...(slow_mode === undefined ? {} : { slowMode: slow_mode }),
    ...(outcome === undefined ? {} : { outcome }),
  }
}
