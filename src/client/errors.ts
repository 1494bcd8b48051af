import type { ErrorCode, ErrorFrame, ProblemDetails } from './wire.ts'

/**
 * The server's codes, and those of the client: `disconnected` (the server was not reached, or the connection was lost before the
 * response), `timeout` (no response in time), `stopped` (the client does not connect any more), `bad_answer` (the response is not
 * from Parley), `no_upgrade` (the server answers requests, but sockets do not open).
 */
export type ParleyErrorCode = ErrorCode | 'disconnected' | 'timeout' | 'stopped' | 'bad_answer' | 'no_upgrade'

/** The error with which the library's promises reject. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  readonly code: ParleyErrorCode
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean
  /** Milliseconds after which a retry may succeed; 0 if unknown. */
  readonly retryAfterMs: number
  /** The field of the input that is wrong, if there is one. */
  readonly field: string | null

  constructor(code: ParleyErrorCode, message: string, facts: Partial<ErrorFacts> = {}) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    this.code = code
    this.retryable = facts.retryable ?? (code === 'disconnected' || code === 'timeout')
    this.retryAfterMs = facts.retryAfterMs ?? 0
    this.field = facts.field ?? null
  }
}

/** @param told an error frame, or the body of a problem */
export function refusalOf(message: string, told: Omit<ErrorFrame, 'type' | 'id' | 'message'>): ParleyError {
  const { code, retryable, retry_after_ms: retryAfterMs, field } = told
  return new ParleyError(code, message, { retryable, retryAfterMs, field })
}

export function isProblem(body: unknown): body is ProblemDetails {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}

export function badAnswer(): ParleyError {
  return new ParleyError('bad_answer', 'The answer is not one to the request')
}

export function disconnected(message = 'There is no connection'): ParleyError {
  return new ParleyError('disconnected', message)
}

interface ErrorFacts {
  retryable: boolean
  retryAfterMs: number
  field: string | null
  cause: unknown
}
