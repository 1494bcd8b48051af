/** Frames of contract v2, as much of them as loads tell apart, without decoding them. */

const frameOf = (type: string) => new TextEncoder().encode(`{"type":"${type}"`)
/** Before it, all frames begin alike. */
const FIRST_UNLIKE = '{"type":"'.length

export const RESULT = frameOf('result')
export const MESSAGE = frameOf('message')
export const LIVE = frameOf('live')
const ERROR = frameOf('error')

const BEHIND_BODY =
  '","reply_to":null,"created_at":"2026-02-13T10:00:00.000Z","edited_at":null,"deleted_at":null}}'
/** Bytes behind a message's text in its frame: what follows it has always the same length. */
export const BYTES_BEHIND_BODY = BEHIND_BODY.length

export function isOf(type: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = FIRST_UNLIKE; i < type.length; i++) if (bytes[start + i] !== type[i]) return false
  return true
}

/** @throws Error where the frame is an error's, with what it says */
export function refuseErrors(bytes: Uint8Array, start: number, end: number): void {
  if (isOf(ERROR, bytes, start)) {
    throw new Error(`the server answered ${new TextDecoder().decode(bytes.subarray(start, end))}`)
  }
}

export function subscribeFrame(room: number): string {
  return JSON.stringify({ type: 'subscribe', id: 1, room, limit: 1 })
}

/** A request whose answer is asked for; the server makes its key. */
export function sendFrame(room: number, body: string): string {
  return JSON.stringify({ type: 'send', id: 1, room, body })
}

/** What Parley makes of such a request, and what the clients of the limit send for comparison. */
export function messageFrame(room: number, body: string): string {
  const id = 1_000_000
  const sender = JSON.stringify({ id, username: 'crowd-1000' })
  return `{"type":"message","room":${room},"seq":${id},"message":{"id":${id},"room":${room},"seq":${id},"version":null,"sender":${sender},"client_id":"0123456789ab-0123456789","kind":"text","body":${JSON.stringify(body).slice(0, -1)}${BEHIND_BODY}`
}
