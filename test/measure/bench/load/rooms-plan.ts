import { type Static, Type } from '@sinclair/typebox'
import { Delays } from './delays.ts'

/** Clients in rooms: everyone in a room hears whatever is sent to it. */
export const RoomsPlan = Type.Object({
  rooms: Type.Array(
    Type.Object({
      /** Where the clients connect to, one socket each. */
      urls: Type.Array(Type.String(), { minItems: 1 }),
      /** What each of them sends first, to hear the room from then on; null where the server lets them hear it unasked. */
      subscribe: Type.Union([Type.String(), Type.Null()]),
      /** The frame that is sent, which holds `NUMBERED_TEXT`. */
      frame: Type.String(),
    }),
    { minItems: 1 },
  ),
})
export type RoomsPlan = Static<typeof RoomsPlan>

/** Who sends, and when. */
export const Traffic = Type.Union([
  /** The first client of the first room sends so many in one write, and again when it has heard all of them itself. */
  Type.Object({ mode: Type.Literal('bursts'), atOnce: Type.Integer({ minimum: 1 }) }),
  /** Rooms and their clients by turns; the next is sent when everyone concerned has heard one. */
  Type.Object({ mode: Type.Literal('in flight'), count: Type.Integer({ minimum: 1 }) }),
  /** Rooms and their clients by turns, at a steady rate whatever becomes of it. */
  Type.Object({ mode: Type.Literal('paced'), perSecond: Type.Number({ exclusiveMinimum: 0 }) }),
])
export type Traffic = Static<typeof Traffic>

export const TurnPlan = Type.Object({ traffic: Traffic, warmUpMs: Type.Number(), measureMs: Type.Number() })
export type TurnPlan = Static<typeof TurnPlan>

export const TurnOutcome = Type.Object({
  /** While measuring: messages that everyone has heard, what was heard by all clients together, and how long that was. */
  sends: Type.Integer(),
  deliveries: Type.Integer(),
  seconds: Type.Number(),
  /** The same from the first to the last message. */
  allSends: Type.Integer(),
  allDeliveries: Type.Integer(),
  cpuSeconds: Type.Number(),
  /** From the send until everyone has it, of what was sent while measuring; null where that was nothing. */
  delays: Type.Union([Delays, Type.Null()]),
})
export type TurnOutcome = Static<typeof TurnOutcome>
