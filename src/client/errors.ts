import type { ErrorCode, ErrorFrame, ProblemDetails } from './wire.ts'

/**
 * The server's codes, and the client's own: `disconnected` (the server was not reached, or the connection was lost before
 * its answer), `timeout` (no answer in time), `stopped` (the client does not connect any more), `bad_answer` (what answered
 * is not Parley).
 */
export type ParleyErrorCode = ErrorCode | 'disconnected' | 'timeout' | 'stopped' | 'bad_answer'

/** Every error that the library rejects with. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  readonly code: ParleyErrorCode
  /** Whether the same request can succeed later, unchanged. */
  readonly retryable: boolean
  /** Milliseconds after which a retry may succeed; 0 where no time is known. */
  readonly retryAfterMs: number
  /** The part of the input that is at fault, if there is one. */
  readonly field: string | null

  constructor(code: ParleyErrorCode, message: string, facts: Partial<ErrorFacts> = {}) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    this.code = code
    this.retryable = facts.retryable ?? (code === 'disconnected' || code === 'timeout')
    this.retryAfterMs = facts.retryAfterMs ?? 0
    this.field = facts.field ?? null
  }
}

/** @param told an error frame, or a problem's body */
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
