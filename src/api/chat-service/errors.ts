import { type ErrorResponse, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, errorError } from '../shared/index.ts'

/** This contract does not hide rooms: users who may not enter get 403. */
export function errorOf(problem: Problem, path: string): ErrorResponse {
  if (problem.kind === 'hidden' || (problem.kind === 'forbidden' && path.startsWith('/chat/join-room'))) {
    return { status: 403, body: { error: NOT_AUTHORIZED } }
  }
  const status = problem.kind === 'conflict' ? 400 : statusOf[problem.kind]
  return { status, body: { error: problem.message } }
}

const NOT_AUTHORIZED = 'You are not authorized to join this room'

const { signedIn, changing, body } = commonErrors(errorError)
const room = {
  403: errorError('Not allowed for the caller', NOT_AUTHORIZED),
  404: errorError('No such room', 'Room not found'),
}

/** The error responses of the routes, for the documentation. */
export const errors = {
  list: { ...signedIn, 400: errorError('Invalid') },
  create: { ...changing, ...body, 400: errorError('Invalid', 'Room name is required') },
  read: { ...signedIn, ...room, 400: errorError('Invalid') },
  change: { ...changing, ...body, ...room },
}
