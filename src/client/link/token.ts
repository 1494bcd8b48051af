import { deferred } from '../deferred.ts'
import type { Clock } from '../environment.ts'
import { ParleyError } from '../errors.ts'

/** A token, or a function that returns one: called for every connection and REST request, and before a token ends. */
export type Token = string | (() => string | Promise<string>)

export interface TokenSource {
  /** Whether the token is fixed. */
  readonly fixed: boolean
  get(): Promise<string>
}

export function tokenSource(token: Token, clock: Clock, timeoutMs: number): TokenSource {
  if (typeof token === 'string') return { fixed: true, get: () => Promise.resolve(token) }
  return {
    fixed: false,
    async get() {
      const late = deferred<never>()
      const cancel = clock.after(timeoutMs, () =>
        late.reject(new ParleyError('timeout', `No token within ${timeoutMs} ms`)),
      )
      try {
        return await Promise.race([token(), late.promise])
      } finally {
        cancel()
      }
    },
  }
}
