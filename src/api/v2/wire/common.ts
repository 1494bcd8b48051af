import { type Static, type TSchema, Type } from '@sinclair/typebox'

/** The protocol version that `hello` announces. */
export const PROTOCOL = 2

/** The most requests that a client may send in one frame. */
export const MAX_BATCH = 128

export const Id = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'An id: a positive integer up to 2^53-1',
  examples: [7],
})

export const Seq = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description:
    "A place in a room's order: the number of a change, dense from 1; 0 is the place before the first",
  examples: [42],
})

export const Epoch = Type.String({
  maxLength: 100,
  description:
    'Up to where the history is safe, as text that means nothing to clients. Keep the latest one with each position, and give it along with `after`: if the history was rewritten since (an older backup was restored, or a standby took over that was behind), the answer is a snapshot, with `reset`',
  examples: ['1-5f0c9a1e.7d31b2c40e96a58f.57'],
})

export const Time = Type.String({
  format: 'date-time',
  description: 'ISO 8601 in UTC, with milliseconds',
  examples: ['2026-02-13T10:00:00.000Z'],
})

export const Role = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')], {
  description: 'The role of a member in the room',
})
export type Role = Static<typeof Role>

export const RoomKind = Type.Union(
  [Type.Literal('public'), Type.Literal('private'), Type.Literal('game'), Type.Literal('direct')],
  {
    description:
      '`public` is open to all who are signed in, `private` and `game` to the invited, `direct` is two users',
  },
)
export type RoomKind = Static<typeof RoomKind>

/** A part of every `unread`. */
export const MentionCount = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    description:
      'How many of the unread messages mention the user, by name, `@online` or `@room`; at most 1,000, which stands for 1,000 or more. Missing if there are none',
    examples: [1],
  }),
)

/*
 * `x-shown` has keywords that the documents show and validation passes over: the core decides, and says in words what is wrong.
 * `{ setting }` stands for what the operator has set.
 */

/** The text of a message. */
export const said = {
  minLength: 1,
  maxLength: { setting: 'maxMessageLength' },
  // Something visible, and no NUL: a copy of the core's `textPatterns.message`, which a test compares.
  pattern:
    '^(?=[\\s\\S]*(?:[^\\s\\u2800\\p{DI}\\p{Cc}\\p{Cf}\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}]|[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}]))[^\\u0000]*$',
}

/** Text that is stored: anything except NUL. */
export const text = (maxLength: number) => ({ maxLength, pattern: '^[^\\u0000]*$' })

export function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}
