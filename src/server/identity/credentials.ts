import { ChatError } from '../../core/index.ts'
import { HttpProblem } from '../problem.ts'
import type { Cookies } from './cookies.ts'
import type { Origins } from './origin.ts'
import type { Credential } from './provider.ts'

/** Where in a request a credential counts. */
export interface CredentialSource {
  /** The origin under which the client sees the server. */
  readonly own: string
  /** Whether `?token=` and `?ticket=` count: on sockets only. */
  readonly query: boolean
  /** Whether a client without a credential is let in, because it can reach the server. */
  readonly nameless?: boolean
}

/** A credential, and where it stood. */
export interface Shown extends Credential {
  /** Whether the browser sent it by itself, as it does with every request. */
  readonly byCookie: boolean
}

/**
 * Returns the credential that a request shows, or null: that of the Authorization header, else of the query, else the cookie.
 * @throws ChatError `unauthenticated` if the header is malformed
 */
export function credentialOf(
  request: Request,
  { query }: CredentialSource,
  cookies: Pick<Cookies, 'sessionOf'>,
): Shown | null {
  const header = request.headers.get('authorization')
  if (header !== null) {
    const [, text] = /^(?:token|bearer|jwt) +(\S+)$/i.exec(header.trim()) ?? []
    if (text === undefined) throw new ChatError('unauthenticated', 'Invalid token header.')
    return { kind: 'token', text, byCookie: false }
  }
  if (query) {
    const parameters = new URL(request.url).searchParams
    for (const kind of ['token', 'ticket'] as const) {
      const text = parameters.get(kind)
      if (text !== null) return { kind, text, byCookie: false }
    }
  }
  const text = cookies.sessionOf(request)
  return text === null ? null : { kind: 'token', text, byCookie: true }
}

/**
 * Checks that a request which names nobody itself does not come from a page of another site. Such a page must not use what its browser
 * alone brings along: a session's cookie, or the network from which the server is reached. Reading by GET is guarded by CORS: the page
 * does not get to see the answer.
 * @param message says what the page may not do
 * @throws HttpProblem `foreign_page`
 */
export function expectOwnPage(
  request: Request,
  { own, query }: CredentialSource,
  origins: Origins,
  message: string,
): void {
  const guarded = query || !(request.method === 'GET' || request.method === 'HEAD')
  if (guarded && origins.foreign(request, own)) throw new HttpProblem('foreign_page', message)
}
