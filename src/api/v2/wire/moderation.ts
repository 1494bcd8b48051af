import { type Static, Type } from '@sinclair/typebox'
import { UserRef } from './bodies.ts'
import { Id, orNull, Seq, Time } from './common.ts'
import { ReportRequest, restraint } from './moderation-requests.ts'
import { pageOf } from './pages.ts'

/*
 * The bodies of moderation that only REST has.
 */

const reason = Type.String({ examples: ['spam'] })

export const RestraintPut = Type.Object(restraint, { description: 'Why, and until when' })
export type RestraintPut = Static<typeof RestraintPut>

export const Restrained = Type.Object(
  { user: UserRef, actor: UserRef, reason, until: orNull(Time), at: Time },
  {
    description:
      'A user who is banned or muted, by whom and why. `until` is null if it does not end by itself',
  },
)
export type Restrained = Static<typeof Restrained>

export const RestrainedPage = pageOf(Restrained)
export type RestrainedPage = Static<typeof RestrainedPage>

export const NewReport = Type.Object(
  { reason: ReportRequest.properties.reason },
  { description: 'Why a message is reported' },
)
export type NewReport = Static<typeof NewReport>

const outcome = Type.Union([Type.Literal('acted'), Type.Literal('dismissed')], {
  description: 'Whether the staff has done something about it',
  examples: ['acted'],
})

export const ReportPut = Type.Object({ outcome }, { description: 'How a report is closed' })
export type ReportPut = Static<typeof ReportPut>

export const Resolution = Type.Object(
  { by: UserRef, outcome, at: Time },
  { description: 'How a report was closed' },
)
export type Resolution = Static<typeof Resolution>

export const Report = Type.Object(
  {
    id: Id,
    seq: Seq,
    reporter: UserRef,
    reason,
    at: Time,
    resolved: orNull(Resolution),
  },
  { description: 'A report of message `seq`; `resolved` is null while it is open' },
)
export type Report = Static<typeof Report>

export const ReportPage = pageOf(Report)
export type ReportPage = Static<typeof ReportPage>

export const AuditEntry = Type.Object(
  {
    id: Id,
    actor: UserRef,
    action: Type.String({
      description:
        '`ban`, `unban`, `mute`, `unmute`, `remove`, `role`, `rules`, `describe`, `delete_message` or `resolve_report`; further ones may be added',
      examples: ['ban'],
    }),
    user: orNull(UserRef),
    seq: orNull(Seq),
    reason: Type.Optional(reason),
    until: Type.Optional(Time),
    role: Type.Optional(
      Type.String({ description: 'The role after `role`, before `remove`', examples: ['admin'] }),
    ),
    posting: Type.Optional(Type.String({ examples: ['staff'] })),
    slow_mode: Type.Optional(Type.Integer({ examples: [10] })),
    outcome: Type.Optional(Type.String({ examples: ['acted'] })),
    at: Time,
  },
  { description: 'What the staff has done, to whom, or to which message' },
)
export type AuditEntry = Static<typeof AuditEntry>

export const AuditPage = pageOf(AuditEntry)
export type AuditPage = Static<typeof AuditPage>

export const BlockedUser = Type.Object(
  { user: UserRef, at: Time },
  { description: 'A user whom the caller blocks' },
)
export type BlockedUser = Static<typeof BlockedUser>

export const BlockPage = pageOf(BlockedUser)
export type BlockPage = Static<typeof BlockPage>
