import { ChatError } from '../../core/index.ts'
import { type ErrorResponse, type Problem, statusOf } from '../../server/index.ts'
import { commonErrors, detailError } from '../shared/index.ts'

/** Errors with the texts of Django REST Framework, also if the core words them differently. */
export function errorOf(problem: Problem): ErrorResponse {
  if (problem.kind === 'hidden' || problem.kind === 'forbidden')
    return { status: 403, body: { detail: NOT_A_MEMBER } }
  if (problem.kind === 'not_found' && problem.message !== INVALID_PAGE) {
    return { status: 404, body: { detail: NOT_FOUND } }
  }
  return { status: statusOf[problem.kind], body: { detail: problem.message } }
}

export function notMember(): ChatError {
  return new ChatError('forbidden', NOT_A_MEMBER)
}

export function invalidPage(): ChatError {
  return new ChatError('not_found', INVALID_PAGE)
}

const NOT_A_MEMBER = 'You are not a member of this room.'
const NOT_FOUND = 'Not found.'
const INVALID_PAGE = 'Invalid page.'

const { signedIn, changing, body } = commonErrors(detailError)
const room = {
  403: detailError('Not allowed for the caller', NOT_A_MEMBER),
  404: detailError('No such room', NOT_FOUND),
}

/** The error responses of the routes, for the documentation. */
export const errors = {
  list: { ...signedIn, 400: detailError('Invalid') },
  read: { ...signedIn, ...room },
  change: { ...changing, ...body, ...room },
}
