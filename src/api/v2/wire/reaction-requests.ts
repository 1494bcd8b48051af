import { Type } from '@sinclair/typebox'
import { Id, Seq } from './common.ts'
import { RequestId } from './errors.ts'

const id = { id: Type.Optional(RequestId) }

/** The name of a reaction in a request. */
export const ReactionName = Type.String({
  description:
    'One emoji, or 1 to 32 small letters, digits, `_`, `+` and `-`. Spellings of one emoji are one reaction: the answer has the name that it goes by',
  examples: ['👍'],
  'x-shown': { format: 'reaction', minLength: 1, maxLength: 64 },
})

export const ReactRequest = Type.Object(
  {
    type: Type.Literal('react'),
    ...id,
    room: Id,
    seq: Seq,
    reaction: ReactionName,
    on: Type.Boolean({ description: '`true` adds it, `false` removes it' }),
  },
  {
    description:
      "Adds one of the user's own reactions to a message, or removes it; does nothing if it is so already. The result is `Reacted`",
  },
)
