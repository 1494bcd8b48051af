import { type Static, Type } from '@sinclair/typebox'

const Sign = Type.Object({ start: Type.String({ minLength: 1 }), times: Type.Integer({ minimum: 1 }) })

/** What one load process does: it holds many connections, each of which does little. */
export const CrowdPlan = Type.Object({
  port: Type.Integer(),
  /** A number of the load's own, from 0: it takes addresses of its own on this side. */
  load: Type.Integer({ minimum: 0, maximum: 254 }),
  clients: Type.Array(
    Type.Object({
      /** Of its socket, with the query. */
      path: Type.String(),
      /** Sent as soon as the connection is open. */
      greeting: Type.Array(Type.String()),
    }),
  ),
  /** When a client hears its rooms, and when it has all that it needs: once so many frames have come that begin so. */
  live: Type.Union([Sign, Type.Null()]),
  ready: Type.Union([Sign, Type.Null()]),
})
export type CrowdPlan = Static<typeof CrowdPlan>

/** What the load is told to do, a line each; it answers with a line once it is done. */
export const Command = Type.Union([
  /** All clients connect. */
  Type.Object({ do: Type.Literal('open') }),
  /** All hear something that contains the mark; it is sent by the first of them, unless that is null. */
  Type.Object({
    do: Type.Literal('hear'),
    mark: Type.String({ minLength: 1 }),
    send: Type.Union([Type.String(), Type.Null()]),
  }),
  /** All are cut, then connect again. */
  Type.Object({ do: Type.Literal('return') }),
])
export type Command = Static<typeof Command>

/** In milliseconds from the beginning. */
const Times = Type.Object({ p50: Type.Number(), p99: Type.Number(), last: Type.Number() })

export const Opened = Type.Object({ live: Times, ready: Times })
export type Opened = Static<typeof Opened>

/** In milliseconds since the epoch, with fractions: the sender may be another process. */
export const Heard = Type.Object({ beganAt: Type.Number(), firstAt: Type.Number(), lastAt: Type.Number() })
export type Heard = Static<typeof Heard>
