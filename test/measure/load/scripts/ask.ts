/* A contract's request, asked by k6. */
import http from 'k6/http'
import type { Asked } from '../contracts/contract.ts'

export interface Answer {
  readonly status: number
  /** Empty where there is none. */
  readonly body: string
  readonly ms: number
  /** Of `Retry-After`; null where there is none. */
  readonly retryAfterSeconds: number | null
}

/** @param kind which of k6's own figures of requests it is counted among */
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
