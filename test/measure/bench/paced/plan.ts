import { type Static, Type } from '@sinclair/typebox'
import { Delays } from '../load/delays.ts'

/**
 * What a paced load does: senders send to one room at a steady rate, by turns, over v2 sockets that hear nothing but the
 * answers; listeners hear the room.
 */
export const PacedPlan = Type.Object({
  room: Type.Integer(),
  senders: Type.Array(Type.String({ description: 'Address of the socket, with a token.' })),
  listeners: Type.Array(
    Type.Object({
      url: Type.String(),
      /** Delays are told by group. */
      group: Type.String(),
    }),
  ),
  /** Whose use of the machine is told, step by step. */
  processes: Type.Array(Type.Object({ name: Type.String(), pid: Type.Integer(), memory: Type.Boolean() })),
  warmUpMs: Type.Number(),
  /** One after the other; the first is warmed up for. */
  steps: Type.Array(
    Type.Object({
      perSecond: Type.Number(),
      /** Messages sent in one go, by one sender. */
      atOnce: Type.Integer({ minimum: 1 }),
      ms: Type.Number(),
    }),
  ),
})
export type PacedPlan = Static<typeof PacedPlan>

export const Step = Type.Object({
  sent: Type.Integer(),
  deliveries: Type.Integer(),
  usage: Type.Object({
    seconds: Type.Record(Type.String(), Type.Number()),
    memory: Type.Record(Type.String(), Type.Number()),
    elsewhere: Type.Number(),
  }),
  /** From the send to a listener's having it, by group. */
  delays: Type.Record(Type.String(), Delays),
})
export type Step = Static<typeof Step>

export const PacedOutcome = Type.Array(Step)
