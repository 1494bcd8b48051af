import { type Static, Type } from '@sinclair/typebox'
import { MARK_LENGTH, Wire } from './wire.ts'

/** What a load does: every client keeps `inFlight` of its own messages on their way, and sees everybody's. */
export const Plan = Type.Object({
  clients: Type.Array(
    Type.Object({
      url: Type.String(),
      /** The frame that it sends, again and again. */
      frame: Type.String(),
      /** Two characters, unlike any other client's, that end the content of its messages. */
      mark: Type.String({ minLength: MARK_LENGTH, maxLength: MARK_LENGTH }),
    }),
  ),
  wire: Wire,
  /** `standard` is the runtime's own WebSocket; `raw` only looks where frames end, and costs a fraction of it. */
  client: Type.Union([Type.Literal('standard'), Type.Literal('raw')]),
  inFlight: Type.Integer({ minimum: 1 }),
  warmUpMs: Type.Number(),
  measureMs: Type.Number(),
})
export type Plan = Static<typeof Plan>

export const Outcome = Type.Object({
  /** Message frames received by all clients together while measuring, and how long that was. */
  deliveries: Type.Integer(),
  seconds: Type.Number(),
  /** The same from the first to the last message. */
  allDeliveries: Type.Integer(),
  cpuSeconds: Type.Number(),
})
export type Outcome = Static<typeof Outcome>
