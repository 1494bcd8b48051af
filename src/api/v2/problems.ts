import { type Problem, statusOf } from '../../server/index.ts'
import type { ErrorCode, ProblemDetails } from './wire/index.ts'

/** The contract's code for a kind of problem: the same on the socket and over REST. */
export function codeOf(kind: Problem['kind']): ErrorCode {
  return codes[kind]
}

/** Whether the same request can succeed later, unchanged. */
export function retryable(kind: Problem['kind']): boolean {
  return kind === 'rate_limited' || kind === 'overloaded' || kind === 'unavailable'
}

/** A problem as it is told over REST (RFC 9457). */
export function problemDetails(problem: Problem): ProblemDetails {
  const code = codeOf(problem.kind)
  return {
    type: `urn:parley:problem:${code}`,
    title: titles[code],
    status: statusOf[problem.kind],
    detail: problem.message,
    code,
    retryable: retryable(problem.kind),
    retry_after_ms: Math.ceil(problem.retryAfterMs),
    field: problem.field,
  }
}

const codes: Readonly<Record<Problem['kind'], ErrorCode>> = {
  invalid: 'invalid',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  foreign_page: 'forbidden',
  hidden: 'not_found',
  not_found: 'not_found',
  no_route: 'not_found',
  wrong_method: 'method_not_allowed',
  conflict: 'conflict',
  too_large: 'too_large',
  unsupported_media: 'unsupported_media',
  rate_limited: 'rate_limited',
  overloaded: 'overloaded',
  unavailable: 'unavailable',
  fault: 'internal',
}

const titles: Readonly<Record<ErrorCode, string>> = {
  invalid: 'Invalid input',
  unauthenticated: 'Not signed in',
  forbidden: 'Forbidden',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  too_large: 'Too large',
  unsupported_media: 'Unsupported media type',
  rate_limited: 'Too many requests',
  overloaded: 'Overloaded',
  unavailable: 'Unavailable',
  internal: 'Internal server error',
}
