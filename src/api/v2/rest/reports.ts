import { t } from 'elysia'
import type { AuditEntry, Report } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, isoTime } from '../../shared/index.ts'
import { userRef } from '../bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, ReportPath, RoomPath, reportAt, roomAt } from './paths.ts'
import { flagOf, PageQuery, pageById, pageQuery } from './queries.ts'

/** Reports of messages, and the audit log. */
export function reportRoutes(server: Server) {
  const { chat } = server

  return group('reports')
    .post(
      '/rooms/:room/messages/:seq/report',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const [ref, { seq }] = [roomAt(params), messageAt(params)]
        const report = await chat.moderation.report(ref, caller, seq, body.reason)
        set.status = 201
        return { room: ref.id, seq, report }
      },
      {
        params: MessagePath,
        body: wire.NewReport,
        response: { 201: wire.Reported, ...errors.changeRoom },
        detail: {
          operationId: 'reportMessage',
          summary: "Report a message to the room's staff; a further report by the caller is the first one",
        },
      },
    )
    .get(
      '/rooms/:room/reports',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        const open = !flagOf('all', query.all)
        return pageById(
          'reports',
          query,
          (page) => chat.moderation.reports(ref, caller, open, page),
          ({ id }) => id,
          (found) => found.map(reportBody),
        )
      },
      {
        params: RoomPath,
        query: t.Object({
          all: t.Optional(
            t.String({
              description: '`true` lists closed reports, too; `false` by default',
              'x-shown': { type: 'boolean', default: false, examples: [true] },
            }),
          ),
          ...pageQuery,
        }),
        response: { 200: wire.ReportPage, ...errors.listRoom },
        detail: {
          operationId: 'listReports',
          summary: 'List reports of messages, oldest first; for the staff',
        },
      },
    )
    .put(
      '/rooms/:room/reports/:report',
      async ({ params, body, request }) => {
        const caller = await callerOf(server, request)
        return reportBody(
          await chat.moderation.resolve(roomAt(params), caller, reportAt(params), body.outcome),
        )
      },
      {
        params: ReportPath,
        body: wire.ReportPut,
        response: { 200: wire.Report, ...errors.changeRoom },
        detail: { operationId: 'resolveReport', summary: 'Close a report; for the staff' },
      },
    )
    .get(
      '/rooms/:room/audit',
      async ({ params, query, request }) => {
        const caller = await callerOf(server, request)
        const ref = roomAt(params)
        return pageById(
          'audit',
          query,
          (page) => chat.moderation.audit(ref, caller, page),
          ({ id }) => id,
          (entries) => entries.map(auditBody),
        )
      },
      {
        params: RoomPath,
        query: PageQuery,
        response: { 200: wire.AuditPage, ...errors.listRoom },
        detail: {
          operationId: 'listAudit',
          summary: 'List what the staff of a room has done in the last year, newest first; for the staff',
        },
      },
    )
}

function reportBody({ id, message: seq, reporter, reason, at, resolved }: Report): wire.Report {
  return {
    id,
    seq,
    reporter: userRef(reporter),
    reason,
    at: isoTime(at),
    resolved: resolved && { by: userRef(resolved.by), outcome: resolved.outcome, at: isoTime(resolved.at) },
  }
}

function auditBody({ id, actor, action, user, message: seq, detail, at }: AuditEntry): wire.AuditEntry {
  const { until, slowMode: slow_mode, ...more } = detail
  return {
    id,
    actor: userRef(actor),
    action,
    user: user && userRef(user),
    seq,
    ...more,
    ...(until === undefined ? {} : { until: isoTime(until) }),
    ...(slow_mode === undefined ? {} : { slow_mode }),
    at: isoTime(at),
  }
}
