import { type ErrorResponse, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, errorError } from '../shared/index.ts'

/** This contract does not hide rooms: users who may not enter get 403. */
export function errorOf(problem: Problem): ErrorResponse {
  if (problem.kind === 'hidden') return { status: 403, body: { error: NOT_ALLOWED } }
  return { status: statusOf[problem.kind], body: { error: problem.message } }
}

/** The contract's names for the fields of a message. */
export const parts = { body: 'message', kind: 'message_type' }

const NOT_ALLOWED = 'You are not allowed in this room'

const { signedIn, changing, body } = commonErrors(errorError)
const room = {
  403: errorError('Not allowed for the caller', NOT_ALLOWED),
  404: errorError('No such room', 'Room not found'),
}

/** The error responses of the routes, for the documentation. */
export const errors = {
  send: { ...changing, ...body, ...room },
  read: { ...signedIn, ...room, 400: errorError('Invalid') },
}
