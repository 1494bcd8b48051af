import type { Contract, ErrorResponse } from '../../contract.ts'
import { type Problem, statusOf } from '../../problem.ts'

/** Returns the contract that has the longest matching prefix of the path; null if none has one. */
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

/** Returns the problem in the shape of the contract that the path belongs to. */
export function errorResponse(contracts: readonly Contract[], path: string, problem: Problem): Response {
  const error = (contractOf(contracts, path)?.error ?? plainError)(problem, path)
  const { status, body } = error
  const headers: Record<string, string> = { ...error.headers }
  if (problem.retryAfterMs > 0 || status === 429 || status === 503) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000)))
  }
  if (status === 401) headers['www-authenticate'] = 'Token'
  return Response.json(body, { status, headers })
}

function plainError(problem: Problem): ErrorResponse {
  return { status: statusOf[problem.kind], body: { detail: problem.message } }
}
