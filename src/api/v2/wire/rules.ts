import { type Static, Type } from '@sinclair/typebox'
import { orNull, Time } from './common.ts'

/*
 * Who may post in a room, and how often.
 */

/** What a room demands of those who post. */
export const rules = {
  posting: Type.Union([Type.Literal('everyone'), Type.Literal('staff'), Type.Literal('nobody')], {
    description:
      'Who may post: all members, or the owner and admins only; nobody in a direct chat, while one of the two users blocks the other',
    examples: ['everyone'],
  }),
  slow_mode: Type.Integer({
    minimum: 0,
    maximum: 21_600,
    description: 'Seconds that a plain member waits between two messages; 0 for none',
    examples: [0],
  }),
}

/** The rules of a room, as they may be changed. */
export const rulesPatch = {
  posting: Type.Optional(
    Type.Union([Type.Literal('everyone'), Type.Literal('staff')], {
      description: 'Who may post: all members, or the owner and admins only',
      examples: ['staff'],
    }),
  ),
  slow_mode: Type.Optional(rules.slow_mode),
}

export const Muted = Type.Object(
  { until: orNull(Time) },
  {
    description:
      'Present while the caller is muted: they neither send, edit, react nor type. `until` is when it ends by itself, null if it does not',
  },
)
export type Muted = Static<typeof Muted>
