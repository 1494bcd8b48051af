import { type ErrorAnswer, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, errorError } from '../shared/index.ts'

/** Rooms are not hidden here: who may not enter is told so. */
export function errorAnswer(problem: Problem): ErrorAnswer {
  if (problem.kind === 'hidden') return { status: 403, body: { error: NOT_ALLOWED } }
  return { status: statusOf[problem.kind], body: { error: problem.message } }
}

/** What the contract calls the parts of a message. */
export const parts = { body: 'message', kind: 'message_type' }

const NOT_ALLOWED = 'You are not allowed in this room'

const { signedIn, changing, body } = commonErrors(errorError)
const room = {
  403: errorError('Not for the caller', NOT_ALLOWED),
  404: errorError('No such room', 'Room not found'),
}

/** What routes may answer instead, for the documentation. */
export const errors = {
  send: { ...changing, ...body, ...room },
  read: { ...signedIn, ...room, 400: errorError('Not acceptable') },
}
