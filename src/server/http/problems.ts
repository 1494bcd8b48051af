import { ChatError } from '../../core/index.ts'
import type { Contract, ErrorAnswer } from '../contract.ts'
import type { Logger } from '../observe/index.ts'
import { HttpProblem, type Problem, statusOf } from '../problem.ts'

/** The request that failed, as the log may name it. */
export interface FailedRequest {
  readonly method: string
  /** As registered, with `:name` for parameters: what stands in their place may be a person's words. */
  readonly route?: string
}

/** Anything thrown on the way of a request, as a problem. What was not foreseen is a fault: logged, and told without detail. */
export function toProblem(error: unknown, log: Logger, { method, route }: FailedRequest): Problem {
  if (error instanceof ChatError) {
    const { kind, message, retryAfterMs, field } = error
    return { kind, message, retryAfterMs, field }
  }
  if (error instanceof HttpProblem)
    return { kind: error.kind, message: error.message, retryAfterMs: 0, field: null }
  log.error({ method, route, err: error }, 'a request failed')
  return { kind: 'fault', message: 'Internal server error', retryAfterMs: 0, field: null }
}

/** The contract whose prefix is the longest that the path begins with. */
export function contractOf(contracts: readonly Contract[], path: string): Contract | null {
  let best: Contract | null = null
  let length = -1
  for (const contract of contracts) {
    for (const prefix of contract.prefixes) {
      if (prefix.length > length && (path.startsWith(prefix) || `${path}/` === prefix)) {
        best = contract
        length = prefix.length
      }
    }
  }
  return best
}

/** The problem in the shape of the contract that the path belongs to. */
export function problemResponse(contracts: readonly Contract[], path: string, problem: Problem): Response {
  const answer = (contractOf(contracts, path)?.error ?? plainError)(problem, path)
  const { status, body } = answer
  const headers: Record<string, string> = { ...answer.headers }
  if (problem.retryAfterMs > 0 || status === 429 || status === 503) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000)))
  }
  if (status === 401) headers['www-authenticate'] = 'Token'
  return Response.json(body, { status, headers })
}

function plainError(problem: Problem): ErrorAnswer {
  return { status: statusOf[problem.kind], body: { detail: problem.message } }
}
