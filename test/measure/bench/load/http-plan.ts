import { type Static, Type } from '@sinclair/typebox'

/** What the load does: every connection asks for the same, again as soon as it has been answered. */
export const HttpPlan = Type.Object({
  /** Of `http:`, with an IPv4 address. */
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  connections: Type.Integer({ minimum: 1 }),
  warmUpMs: Type.Number(),
  measureMs: Type.Number(),
})
export type HttpPlan = Static<typeof HttpPlan>

export const HttpOutcome = Type.Object({
  /** Answers while measuring, and how long that was. */
  answers: Type.Integer(),
  seconds: Type.Number(),
  /** The same from the first one to the last. */
  allAnswers: Type.Integer(),
  /** Bytes of one answer's body. */
  bytes: Type.Integer(),
  cpuSeconds: Type.Number(),
})
export type HttpOutcome = Static<typeof HttpOutcome>
