import type { ClientFrame, ServerFrame } from '../../../src/client/wire.ts'

/** The answer to a send, as the server stores the first message of its room. */
export function answerTo(request: ClientFrame): ServerFrame {
  if (request.type !== 'send') throw new Error(`not a send: ${request.type}`)
  const { id = 0, room, client_id = '' } = request
  const data = { room, seq: 1, message: 500, client_id, created_at: '2026-02-13T10:00:00.000Z' }
  return { type: 'result', id, data }
}
