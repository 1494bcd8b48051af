import type { ErrorResponse, Problem } from '../../server/index.ts'
import { detailError } from '../shared/index.ts'

/** The document has a closed list of statuses: 200, 400, 401, 404, 429, 500. Every other error is mapped to the nearest of them. */
const status: Record<Problem['kind'], number> = {
  invalid: 400,
  conflict: 400,
  too_large: 400,
  unsupported_media: 400,
  unauthenticated: 401,
  forbidden: 401,
  foreign_page: 401,
  hidden: 404,
  not_found: 404,
  no_route: 404,
  wrong_method: 404,
  rate_limited: 429,
  overloaded: 429,
  unavailable: 500,
  fault: 500,
}

export function errorOf(problem: Problem): ErrorResponse {
  // The contract has no status of its own for it, so that the path is not there by this method.
  const detail = problem.kind === 'wrong_method' ? 'Not found.' : problem.message
  return { status: status[problem.kind], body: { detail } }
}

/** The error of a refused frame; the socket stays open. */
export function errorFrame(detail: string): string {
  return JSON.stringify({ type: 'error', detail })
}

/** The contract's names for the fields of a message. */
export const parts = { body: 'content', kind: 'type' }

const always = {
  429: detailError('Too Many Requests; `Retry-After` says in how many seconds'),
  500: detailError('Internal Server Error', 'Internal server error'),
}
const signed = {
  ...always,
  401: detailError('Unauthorized', 'Authentication credentials were not provided.'),
}

/** The error responses of the routes, by what the routes do, for the documentation. */
export const errors = {
  register: {
    ...always,
    400: detailError('Bad Request'),
    401: detailError('Registration is closed, or the page is foreign', 'Registration is closed'),
  },
  list: { ...signed, 400: detailError('Bad Request') },
  get: { ...signed, 404: detailError('Not Found, or not for the caller to see') },
  act: {
    ...signed,
    400: detailError('Bad Request'),
    404: detailError('Not Found, or not for the caller to see'),
  },
}
