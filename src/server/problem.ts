import { ChatError, type ErrorKind, type Restraint } from '../core/index.ts'

/** What went wrong with a request, not yet in a contract's shape: the core's kinds, and those of HTTP. */
export interface Problem {
  readonly kind: ErrorKind | 'foreign_page' | 'no_route' | 'wrong_method' | 'unsupported_media' | 'fault'
  /** For the client; tells nothing about the server's internals. */
  readonly message: string
  readonly retryAfterMs: number
  /** The part of the input that is at fault, if any. */
  readonly field: string | null
  /** Why exactly it is refused, for contracts that have a word for it. */
  readonly restraint?: Restraint | null
}

/** A refusal that belongs to HTTP rather than to the chat. */
export class HttpProblem extends Error {
  readonly kind: Exclude<Problem['kind'], ErrorKind | 'fault'>

  constructor(kind: HttpProblem['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * Returns anything that was thrown as a problem. An unexpected error is a `fault`, whose message gives no details: the caller logs
 * the error.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof ChatError) {
    const { kind, message, retryAfterMs, field, restraint } = error
    return { kind, message, retryAfterMs, field, restraint }
  }
  if (error instanceof HttpProblem)
    return { kind: error.kind, message: error.message, retryAfterMs: 0, field: null }
  return { kind: 'fault', message: 'Internal server error', retryAfterMs: 0, field: null }
}

/** The usual status of a kind of problem; contracts differ where they must. */
export const statusOf: Readonly<Record<Problem['kind'], number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  foreign_page: 403,
  hidden: 404,
  not_found: 404,
  no_route: 404,
  wrong_method: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  fault: 500,
  overloaded: 503,
  unavailable: 503,
}
