import { type Static, Type } from '@sinclair/typebox'

/** The text of the message after which a slow client says what it has. */
export const LAST = 'the last'

const Numbers = Type.Array(Type.Integer())
export const SlowOutcome = Type.Object({
  /** The events that it was told of. */
  seqs: Numbers,
  /** The codes with which its sockets were closed. */
  closes: Numbers,
  batches: Type.Integer(),
  /** How often the listener of its view was called. */
  notified: Type.Integer(),
  /** The messages that its view shows. */
  shown: Numbers,
})
export type SlowOutcome = Static<typeof SlowOutcome>
