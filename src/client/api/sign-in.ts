import { type Clock, environment, type Fetch } from '../environment.ts'
import { baseUrl } from '../url.ts'
import type { Credentials, IssuedToken, SignedIn } from '../wire.ts'
import { createHttp, type Http } from './http.ts'

export interface SignInOptions {
  readonly fetch?: Fetch
  readonly clock?: Clock
  /** 10,000 by default. */
  readonly timeoutMs?: number
}

/** Signs in to an existing account. Resolves to a token; sets no cookie. */
export function signIn(url: string, body: Credentials, options?: SignInOptions): Promise<SignedIn> {
  return http(url, null, options).call('POST', '/tokens', { body })
}

/** Creates an account. Resolves to its first token. */
export function register(url: string, body: Credentials, options?: SignInOptions): Promise<SignedIn> {
  return http(url, null, options).call('POST', '/users', { body })
}

/**
 * Makes another token for the holder of one, which stays valid until its own end. For token functions, which cannot use a client's
 * `api`.
 */
export function renewToken(url: string, token: string, options?: SignInOptions): Promise<IssuedToken> {
  return http(url, token, options).call('POST', '/me/tokens')
}

function http(url: string, token: string | null, options: SignInOptions = {}): Http {
  const { timeoutMs = 10_000, ...given } = options
  const source = token === null ? null : () => Promise.resolve(token)
  return createHttp({ base: baseUrl(url), timeoutMs, token: source }, environment(given))
}
