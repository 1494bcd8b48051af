import { type ErrorResponse, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, detailError, errorError } from '../shared/index.ts'

export function errorOf(problem: Problem): ErrorResponse {
  const status = problem.kind === 'conflict' ? 400 : statusOf[problem.kind]
  return { status, body: status === 400 ? { error: problem.message } : { detail: problem.message } }
}

const { signedIn, changing, body } = commonErrors(detailError)
const unacceptable = { 400: errorError('Invalid', 'User not found') }

/** The error responses of the routes, for the documentation. */
export const errors = {
  read: { ...signedIn, ...unacceptable },
  create: { ...changing, ...body, ...unacceptable },
}
