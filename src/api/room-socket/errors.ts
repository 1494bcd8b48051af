import { t } from 'elysia'
import { ChatError } from '../../core/index.ts'
import { type ErrorResponse, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, errorError } from '../shared/index.ts'

/** The errors of a refused handshake. */
export function errorOf(problem: Problem, path: string): ErrorResponse {
  // The same error for every id that is not a direct chat's, so that the ids of rooms are not revealed.
  if (problem.kind === 'not_found' && /^\/ws\/chat\/[0-9]+\/?$/.test(path)) {
    return { status: 404, body: { error: NO_CHAT } }
  }
  if (problem.kind === 'hidden') return { status: 403, body: { error: NOT_ALLOWED } }
  return { status: statusOf[problem.kind], body: { error: problem.message } }
}

/** The error of a refused frame; the socket stays open. */
export function errorFrame(error: string): string {
  return JSON.stringify({ error })
}

/** The names of the fields of a message, in rooms and in direct chats. */
export const roomParts = { body: 'message', kind: 'message_type' }
export const directParts = { body: 'body', kind: 'type' }

export function noChat(): ChatError {
  return new ChatError('not_found', NO_CHAT)
}

export function notParticipant(): ChatError {
  return new ChatError('forbidden', 'You are not a participant of this chat')
}

const NO_CHAT = 'Chat not found'
const NOT_ALLOWED = 'You are not allowed in this room'

/** The error responses of the handshake, for the documentation. */
export const errors = {
  101: t.Void({ description: 'The connection is now a WebSocket' }),
  ...commonErrors(errorError).signedIn,
  400: errorError('Not a WebSocket handshake', 'This path is for WebSocket connections'),
  403: errorError('Not allowed for the caller', NOT_ALLOWED),
  404: errorError('No such room or chat', 'Room not found'),
}
