import type { Sql } from 'postgres'
import type {
  MemberChange,
  ModerationRegister,
  Restrained,
  RestraintChange,
  RestraintKind,
  RoomId,
  UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { restrain, setRules } from '../functions/index.ts'
import { toSeq, toUserRef } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'
import { createAuditLog } from './audit-log.ts'
import { createReports } from './reports.ts'
import { rulesEvent } from './rules-event.ts'

const acts: Readonly<Record<RestraintChange, string>> = {
  banned: 'ban',
  unbanned: 'unban',
  muted: 'mute',
  unmuted: 'unmute',
}

/** Bans, mutes and rules of rooms. Each change is one call of a SQL function that holds the room's lock. */
export function createModerationRegister(sql: Sql, guard: Guard): ModerationRegister {
  return {
    ...createReports(sql, guard),
    ...createAuditLog(sql, guard),

    restrain({ change, actor, actorAccess, user, userAccess, reason, until }) {
      const roomId = actorAccess.room.id
      return guard(async () => {
        const row = await restrain.row(sql, {
          room: roomId,
          actor: actor.id,
          actor_role: actorAccess.role,
          user: user.id,
          user_role: userAccess.role,
          user_invited: userAccess.invited,
          act: acts[change],
          reason,
          until: until?.getTime() ?? null,
        })
        if (row.seq === null) return null
        const facts = {
          roomId,
          user: { id: user.id, username: user.username },
          actor: { id: actor.id, username: actor.username },
          at: new Date(row.at),
        }
        const event = { ...facts, type: change, seq: toSeq(row.seq), until }
        if (row.ended === null) return { event, ended: null }
        const type = endOf(row.ended)
        return {
          event,
          ended: {
            event: { ...facts, type, seq: toSeq(row.seq - 1), role: null },
            number: toSeq(row.user_number ?? 0),
          },
        }
      })
    },

    restrained(kind, room, { after, limit }) {
      return guard(async () => {
        const rows = await sql<RestraintRow[]>`
          select x.user_id::float8 as user, u.username, x.actor_id::float8 as actor, a.username as actor_name, x.reason,
            (extract(epoch from x.until) * 1000)::float8 as until, (extract(epoch from x.created_at) * 1000)::float8 as at
          from (${firstRows(sql, counting(kind, room, after), sql`user_id`, limit)}) x
          left join lateral (select username from users where id = x.user_id limit 1) u on true
          left join lateral (select username from users where id = x.actor_id limit 1) a on true
          order by x.user_id`
        return rows.map(toRestrained)
      })
    },

    setRules(access, actor, { posting, slowMode }) {
      const roomId = access.room.id
      return guard(async () => {
        const { seq, at, posts, slow } = await setRules.row(sql, {
          room: roomId,
          actor: actor.id,
          actor_role: access.role,
          posting: posting ?? null,
          slow_mode: slowMode ?? null,
        })
        return rulesEvent({ roomId, seq, at, actor, posts, slow })
      })
    },
  }

  /** Returns those that count now. */
  function counting(kind: RestraintKind, room: RoomId, after: number) {
    return sql`select * from ${sql(kind)} where room_id = ${room} and user_id > ${after} and coalesce(until > now(), true)`
  }
}

function endOf(type: string): Extract<MemberChange, 'removed' | 'uninvited'> {
  if (type === 'removed' || type === 'uninvited') return type
  throw new Error(`the database returned ${type} as the end of a membership`)
}

function toRestrained(row: RestraintRow): Restrained {
  return {
    user: toUserRef(row.user, row.username),
    actor: toUserRef(row.actor, row.actor_name),
    reason: row.reason,
    until: row.until === null ? null : new Date(row.until),
    at: new Date(row.at),
  }
}

interface RestraintRow {
  readonly user: UserId
  readonly username: string | null
  readonly actor: UserId
  readonly actor_name: string | null
  readonly reason: string
  readonly until: number | null
  readonly at: number
}
