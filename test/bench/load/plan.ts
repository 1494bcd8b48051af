import { type Static, Type } from '@sinclair/typebox'

/** What a load does: every client keeps `inFlight` of its own messages on their way, and sees everybody's. */
export const Plan = Type.Object({
  clients: Type.Array(
    Type.Object({
      url: Type.String(),
      /** The frame that it sends, again and again. */
      frame: Type.String(),
      /** Two characters, unlike any other client's, that end the content of its messages. */
      mark: Type.String({ minLength: 2, maxLength: 2 }),
    }),
  ),
  /** `standard` is the runtime's own WebSocket; `raw` only looks where frames end, and costs a fraction of it. */
  client: Type.Union([Type.Literal('standard'), Type.Literal('raw')]),
  inFlight: Type.Integer({ minimum: 1 }),
  /** Whether the server sends a frame of its own first. */
  greeted: Type.Boolean(),
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

/** A message frame of contract v1: what Parley makes of a message, and what the clients of the limit send for comparison. */
export function messageFrame(userId: string, content: string): string {
  return JSON.stringify({
    id: '1000000',
    room_id: '1',
    user_id: userId,
    content,
    type: 'text',
    created_at: '2024-04-01T12:00:00.000Z',
  })
}

/** Where a message frame's content ends, in bytes before the frame's end: what follows it has always the same length. */
export const BEHIND_CONTENT = '","type":"text","created_at":"2024-04-01T12:00:00.000Z"}'.length
