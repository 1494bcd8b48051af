/* Sends a contract's request with k6. */
import http from 'k6/http'
import type { Asked } from '../contracts/contract.ts'

export interface Answer {
  readonly status: number
  /** Empty if there is none. */
  readonly body: string
  readonly ms: number
  /** From `Retry-After`; null if there is none. */
  readonly retryAfterSeconds: number | null
}

/** @param kind the group in k6's own figures of requests */
export function ask(url: string, { method, path, headers, body }: Asked, kind: string): Answer {
  const response = http.request(method, url + path, body, { headers, tags: { kind, name: kind } })
  const retryAfter = response.headers['Retry-After']
  return {
    status: response.status,
    body: typeof response.body === 'string' ? response.body : '',
    ms: response.timings.duration,
    retryAfterSeconds: retryAfter === undefined ? null : Number(retryAfter),
  }
}
