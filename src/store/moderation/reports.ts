import type { Sql } from 'postgres'
import type { ModerationRegister, Report, ReportOutcome, Seq, UserId } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { toUserRef } from '../messages/index.ts'
import { firstRows, type Part } from '../sql/index.ts'

type Reports = Pick<ModerationRegister, 'report' | 'reports' | 'resolve'>

/** Messages that members have reported. */
export function createReports(sql: Sql, guard: Guard): Reports {
  /** @param some rows of `room_reports` */
  const reportsOf = (some: Part) => sql<ReportRow[]>`
    select p.id::float8 as id, p.seq::float8 as message, p.reporter_id::float8 as reporter, r.username as reporter_name, p.reason,
      (extract(epoch from p.created_at) * 1000)::float8 as at, p.resolver_id::float8 as resolver, v.username as resolver_name,
      p.outcome, (extract(epoch from p.resolved_at) * 1000)::float8 as resolved
    from (${some}) p
    left join lateral (select username from users where id = p.reporter_id limit 1) r on true
    left join lateral (select username from users where id = p.resolver_id limit 1) v on true order by p.id`

  return {
    report(room, message, reporter, reason) {
      return guard(async () => {
        // The update changes nothing. It returns the report that is there.
        const [row] = await sql<{ id: number }[]>`
          insert into room_reports as p (room_id, seq, reporter_id, reason, created_at)
          select room_id, seq, ${reporter}::bigint, ${reason}::text, now() from messages
            where room_id = ${room} and seq = ${message} and deleted_at is null
          on conflict (reporter_id, room_id, seq) do update set reason = p.reason
          returning id::float8 as id`
        return row?.id ?? null
      })
    },

    reports(room, open, { after, limit }) {
      const some = open
        ? sql`select * from room_reports where room_id = ${room} and id > ${after} and resolved_at is null`
        : sql`select * from room_reports where room_id = ${room} and id > ${after}`
      return guard(async () => (await reportsOf(firstRows(sql, some, sql`id`, limit))).map(toReport))
    },

    resolve(room, id, by, outcome) {
      return guard(async () => {
        await sql`
          with closed as (
            update room_reports set resolver_id = ${by.id}, outcome = ${outcome}, resolved_at = now()
            where room_id = ${room} and id = ${id} returning seq
          )
          insert into room_audit (room_id, actor_id, action, seq, detail, created_at)
          select ${room}::bigint, ${by.id}::bigint, 'resolve_report', seq, json_build_object('outcome', ${outcome}::text)::jsonb, now()
          from closed`
        const [row] = await reportsOf(sql`select * from room_reports where room_id = ${room} and id = ${id}`)
        return row === undefined ? null : toReport(row)
      })
    },
  }
}

interface ReportRow {
  readonly id: number
  readonly message: Seq
  readonly reporter: UserId
  readonly reporter_name: string | null
  readonly reason: string
  readonly at: number
  readonly resolver: UserId | null
  readonly resolver_name: string | null
  readonly outcome: ReportOutcome | null
  readonly resolved: number | null
}

function toReport(row: ReportRow): Report {
  const { resolver, outcome, resolved } = row
  return {
    id: row.id,
    message: row.message,
    reporter: toUserRef(row.reporter, row.reporter_name),
    reason: row.reason,
    at: new Date(row.at),
    resolved:
      resolver === null || outcome === null || resolved === null
        ? null
        : { by: toUserRef(resolver, row.resolver_name), outcome, at: new Date(resolved) },
  }
}
