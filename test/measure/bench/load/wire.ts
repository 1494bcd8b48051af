import { type Static, Type } from '@sinclair/typebox'
import { NumberPlace } from './order.ts'
import { Parts } from './parts.ts'

const Beginning = Type.String({ minLength: 1 })

/** What a load has to know of a server's frames, which are text. It tells them apart by how they begin. */
export const Wire = Type.Object({
  /** What a client sends first. */
  hello: Type.Union([Type.String(), Type.Null()]),
  /** What it answers to certain frames. */
  answers: Type.Array(Type.Object({ to: Beginning, with: Type.String() })),
  /** The frame from which on a client misses no message; null where the handshake is enough. */
  ready: Type.Union([Beginning, Type.Null()]),
  message: Beginning,
  /** Where the sender's mark is: in bytes from a message's first or, if negative, from behind its last. */
  markAt: Type.Integer(),
  /** What only the server's complaints hold. */
  complaint: Type.Union([Beginning, Type.Null()]),
  /** The answer to a message of one's own; null if the server gives none, or its message is the answer. */
  answer: Type.Union([Beginning, Type.Null()]),
  /** Null if the server numbers no messages. */
  number: Type.Union([NumberPlace, Type.Null()]),
  parts: Parts,
  /** The most requests in a frame. */
  mostParts: Type.Integer({ minimum: 1 }),
})
export type Wire = Static<typeof Wire>

/** A message frame of contract v1: what Parley makes of a message, and what other servers are sent for comparison. */
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

/** Bytes of a message frame behind its content, which a mark ends: what follows it has always the same length. */
export const BEHIND_CONTENT = '","type":"text","created_at":"2024-04-01T12:00:00.000Z"}'.length
export const MARK_LENGTH = 2

/** Message frames as such, from a server that says nothing else. */
export const PLAIN: Wire = {
  hello: null,
  answers: [],
  ready: null,
  message: '{"id":',
  markAt: -BEHIND_CONTENT - MARK_LENGTH,
  complaint: null,
  answer: null,
  number: null,
  parts: 'one',
  mostParts: 1,
}

/** Contract v1: the room's history comes first. */
export const V1: Wire = { ...PLAIN, ready: '{"type":"history"', complaint: '"type":"error"' }
