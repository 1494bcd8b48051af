import { BYTES_BEHIND_BODY, subscribeFrame } from './v2-frames.ts'
import { MARK_LENGTH, PLAIN, type Wire } from './wire.ts'

/** Unlike the subscription's, so that the answers to sends can be told from that one. */
const SEND_ID = 2

/** What the server of contract v2 says to a client that hears one room. @param most requests in a frame; null for one frame each */
export function v2Wire(room: number, most: number | null): Wire {
  return {
    ...V2_MESSAGES,
    answers: [{ to: '{"type":"hello"', with: subscribeFrame(room) }],
    ready: '{"type":"live"',
    complaint: '"type":"error"',
    answer: `{"type":"result","id":${SEND_ID},`,
    number: { label: '"seq":', from: 'start' },
    parts: most === null ? 'one' : 'array',
    mostParts: most ?? 1,
  }
}

/** Message frames of contract v2 as such, from a server that says nothing else. */
export const V2_MESSAGES: Wire = {
  ...PLAIN,
  message: '{"type":"message"',
  markAt: -BYTES_BEHIND_BODY - MARK_LENGTH,
}

/** A send whose answer v2's wire counts. */
export function countedSend(room: number, body: string): string {
  return JSON.stringify({ type: 'send', id: SEND_ID, room, body })
}
