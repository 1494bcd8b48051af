import { LRUCache } from 'lru-cache'
import { ChatError, type Clock, type SendBudget } from '../../core/index.ts'
import { HttpProblem } from '../problem.ts'
import type { Cookies } from './cookies.ts'
import { type CredentialSource, credentialOf, expectOwnPage } from './credentials.ts'
import type { Origins } from './origin.ts'
import type { AuthSession, Credential, Identity, IdentityProvider } from './provider.ts'

/** Milliseconds for which this node believes that a token is still valid, if it does not hear of a revocation on another node. */
const BELIEF_MS = 1000
const BELIEFS = 10_000

export type Identities = ReturnType<typeof createIdentities>

/**
 * Says who makes a request: asks the provider of the credential's form.
 * @param providers the first that accepts a credential answers for it
 * @param requests the budget of each user
 * @param isRevoked whether a session was ended lately
 */
export function createIdentities(
  providers: readonly IdentityProvider[],
  { origins, cookies }: { readonly origins: Origins; readonly cookies: Pick<Cookies, 'sessionOf'> },
  clock: Pick<Clock, 'ticks'>,
  requests: Pick<SendBudget, 'take'>,
  isRevoked: (session: AuthSession) => boolean,
) {
  const byName = new Map(providers.map((provider) => [provider.name, provider]))
  const twin = providers.find((provider) => byName.get(provider.name) !== provider)
  if (twin !== undefined) throw new Error(`two identity providers have the same name: ${twin.name}`)
  const beliefs = new LRUCache<string, Belief>({ max: BELIEFS, ttl: BELIEF_MS })

  async function resolve(credential: Credential): Promise<Belief | null> {
    const provider = providers.find((each) => each.accepts(credential))
    const identity = (await provider?.resolve(credential)) ?? null
    if (identity === null) return null
    return { identity, endsAt: clock.ticks() + (identity.expiresInMs ?? Number.POSITIVE_INFINITY) }
  }

  /** Returns null if the credential is not valid. */
  async function identify(credential: Credential): Promise<Identity | null> {
    const { kind, text } = credential
    const known = kind === 'token' ? beliefs.get(text) : undefined
    const belief = known ?? (await resolve(credential))
    if (belief === null) return null
    const { user, session } = belief.identity
    const expiresInMs = belief.endsAt - clock.ticks()
    // It may have ended since the provider was asked, or while it was.
    if (expiresInMs <= 0 || isRevoked(session)) {
      beliefs.delete(text)
      return null
    }
    if (known === undefined && kind === 'token') beliefs.set(text, belief)
    return { user, session, expiresInMs: Number.isFinite(expiresInMs) ? expiresInMs : null }
  }

  const self = {
    /** Returns whose token it is, wherever it came from. @throws ChatError `unauthenticated`, `unavailable` */
    async ofToken(text: string): Promise<Identity> {
      const credential = { kind: 'token', text } as const
      const identity = await identify(credential)
      if (identity === null) throw invalid(credential)
      return identity
    },

    /**
     * Returns who makes a request, or null if it shows no credential. A cookie that is not valid counts as none: the browser sends it
     * along until it expires, and it may be another program's on the same host. To be asked once for each request, since it takes one
     * request from the user's budget; a handshake takes none.
     * @throws ChatError `unauthenticated` if the credential is not valid, `rate_limited`, `unavailable`; HttpProblem
     * `foreign_page` if a page of another site uses a session's cookie, or no credential where none is needed
     */
    async find(request: Request, source: CredentialSource): Promise<Identity | null> {
      const credential = credentialOf(request, source, cookies)
      const identity = credential === null ? null : await identify(credential)
      if (identity === null) {
        if (credential !== null && !credential.byCookie) throw invalid(credential)
        if (source.nameless) expectOwnPage(request, source, origins, 'Pages of this origin need a token')
        return null
      }
      if (credential?.byCookie) expectOwnPage(request, source, origins, 'This origin may not use the session')
      const waitMs = source.query ? 0 : requests.take(identity.user.id)
      if (waitMs === 0) return identity
      throw new ChatError('rate_limited', 'You make too many requests', { retryAfterMs: waitMs })
    },

    /** Returns the same. @throws as `find`, and ChatError `unauthenticated` if the request shows no credential */
    async require(request: Request, source: CredentialSource): Promise<Identity> {
      const identity = await self.find(request, source)
      if (identity === null) {
        throw new ChatError('unauthenticated', 'Authentication credentials were not provided.')
      }
      return identity
    },

    /**
     * Call it in routes that set the session cookie: otherwise a page of another site could sign its visitor in as somebody else.
     * @param own the origin under which the client sees the server
     * @throws HttpProblem `foreign_page` if such a page sent the request
     */
    expectOwnPage(request: Request, own: string): void {
      if (!origins.foreign(request, own)) return
      throw new HttpProblem('foreign_page', 'This origin may not sign in here')
    },

    /**
     * Call it in routes that need no identity: the form of a page of another site can reach them through its visitor's browser.
     * @param own the origin under which the client sees the server
     * @throws HttpProblem `foreign_page` if such a form sent the request
     */
    expectNoForeignForm(request: Request, own: string): void {
      if (!origins.foreignForm(request, own)) return
      throw new HttpProblem('foreign_page', 'This origin may not make accounts here')
    },

    /**
     * Asks the providers which of the sessions have ended. One that fails does not keep the others from answering.
     * @param sessions may repeat
     * @param onEnded told of each session that has ended, once
     * @throws what the first provider that failed threw, after all have answered
     */
    async findEnded(sessions: Iterable<AuthSession>, onEnded: (session: AuthSession) => void): Promise<void> {
      const byProvider = Map.groupBy(sessions, ({ provider }) => provider)
      const asked = [...byProvider].map(async ([name, those]) => {
        const unique = new Map(those.map((session) => [session.id, session]))
        const valid = (await byName.get(name)?.stillValid([...unique.values()])) ?? new Set()
        for (const [id, session] of unique) if (!valid.has(id)) onEnded(session)
      })
      const failed = (await Promise.allSettled(asked)).find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    },

    /** Calls back for each session that is ended before it expires, on any node. @returns what ends the calls */
    revoked(listener: (session: AuthSession) => void): () => void {
      const stops = providers.map((provider) => provider.revoked(listener))
      return () => {
        for (const stop of stops) stop()
      }
    },

    /** Forgets all beliefs, because the database is another one. */
    forgetAll(): void {
      beliefs.clear()
    },

    /** Forgets expired beliefs, since they hold tokens in plain text. */
    async tidy(): Promise<void> {
      beliefs.purgeStale()
    },
  }
  return self
}

function invalid({ kind }: Credential): ChatError {
  return new ChatError('unauthenticated', `Invalid ${kind}.`)
}

/** What a provider said of a token. */
interface Belief {
  readonly identity: Identity
  /** In the clock's ticks: when the session expires. */
  readonly endsAt: number
}
