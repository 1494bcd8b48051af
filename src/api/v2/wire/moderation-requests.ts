import { Type } from '@sinclair/typebox'
import { Id, Seq, text } from './common.ts'
import { RequestId } from './errors.ts'

/*
 * The requests of moderation; a part of `requests.ts`.
 */

const id = { id: Type.Optional(RequestId) }

/** Why a user is banned or muted, and how long. */
export const restraint = {
  reason: Type.Optional(reason('For the staff, and for the audit log; at most 500 characters')),
  until: Type.Optional(
    Type.Union(
      [
        Type.String({
          description: 'ISO 8601, with a time zone; in the future',
          examples: ['2026-02-14T10:00:00.000Z'],
          'x-shown': { format: 'date-time' },
        }),
        Type.Null(),
      ],
      { description: 'When it ends by itself; null, or left out, if it does not' },
    ),
  ),
}

export const BanRequest = Type.Object(
  { type: Type.Literal('ban'), ...id, room: Id, user: Id, ...restraint },
  {
    description:
      'Keeps a user out of the room, and ends a membership or an invitation. For the staff, of those below them. The result is empty',
  },
)

export const UnbanRequest = Type.Object(
  { type: Type.Literal('unban'), ...id, room: Id, user: Id },
  { description: 'Lifts a ban. The result is empty' },
)

export const MuteRequest = Type.Object(
  { type: Type.Literal('mute'), ...id, room: Id, user: Id, ...restraint },
  {
    description:
      'Lets a member neither send, edit, react nor type. For the staff, of those below them. The result is empty',
  },
)

export const UnmuteRequest = Type.Object(
  { type: Type.Literal('unmute'), ...id, room: Id, user: Id },
  { description: 'Lifts a mute. The result is empty' },
)

export const ReportRequest = Type.Object(
  { type: Type.Literal('report'), ...id, room: Id, seq: Seq, reason: reason('At most 500 characters') },
  { description: "Reports a message to the room's staff. The result is `Reported`" },
)

function reason(description: string) {
  return Type.String({ description, examples: ['spam'], 'x-shown': text(500) })
}
