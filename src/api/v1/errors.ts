import type { Problem } from '../../server/index.ts'

/** The document's list of statuses is closed: 200, 400, 401, 404, 429, 500. Whatever else happens takes the nearest of them. */
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

export function v1Error(problem: Problem) {
  return { status: status[problem.kind], body: { detail: problem.message } }
}
