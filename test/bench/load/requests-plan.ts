import { type Static, Type } from '@sinclair/typebox'

/** One request, again and again: each connection asks when it has its answer. */
export const RequestsPlan = Type.Object({
  url: Type.String(),
  token: Type.String(),
  connections: Type.Integer({ minimum: 1 }),
  warmUpMs: Type.Number(),
  measureMs: Type.Number(),
})
export type RequestsPlan = Static<typeof RequestsPlan>

export const RequestsOutcome = Type.Object({
  /** Answers while measuring, and how long that was. */
  answers: Type.Integer(),
  seconds: Type.Number(),
  /** From the first to the last. */
  allAnswers: Type.Integer(),
  cpuSeconds: Type.Number(),
})
export type RequestsOutcome = Static<typeof RequestsOutcome>
