import { LRUCache } from 'lru-cache'
import { type Accounts, ChatError, type Clock, type SendBudget, type User } from '../../core/index.ts'
import { HttpProblem } from '../problem.ts'
import { cookieOf, SESSION_COOKIE } from './cookies.ts'
import type { Origins } from './origin.ts'

/** For how long this node believes that a token is still valid: a logout on another node counts within this time. */
const BELIEF_MS = 1000
const BELIEFS = 10_000

export interface Identity {
  readonly user: User
  /** null for a ticket, which is spent. */
  readonly token: string | null
  /** Of the token, or of the one that the ticket was for: with it this identity ends. */
  readonly fingerprint: string
  /** Milliseconds until that token ends. */
  readonly expiresInMs: number
}

export interface IdentitySource {
  /** The request's own scheme, through trusted proxies. */
  readonly secure: boolean
  /** Whether `?token=` and `?ticket=` count: on sockets only. */
  readonly query: boolean
  /** Whether somebody who names nobody gets in all the same, because they are where the server can be reached from. */
  readonly nameless?: boolean
}

export type Identities = ReturnType<typeof createIdentities>

/** Who makes a request. @param requests of each user @param isRevoked whether a token has ended lately */
export function createIdentities(
  accounts: Accounts,
  origins: Origins,
  clock: Pick<Clock, 'ticks'>,
  requests: Pick<SendBudget, 'take'>,
  isRevoked: (fingerprint: string) => boolean,
) {
  const beliefs = new LRUCache<string, Belief>({ max: BELIEFS, ttl: BELIEF_MS })

  async function believe(token: string): Promise<Belief> {
    const found = await accounts.authenticate(token)
    if (found === null) throw new ChatError('unauthenticated', 'Invalid token.')
    const { user, expiresInMs } = found
    const belief = { user, fingerprint: accounts.fingerprint(token), endsAt: clock.ticks() + expiresInMs }
    beliefs.set(token, belief)
    return belief
  }

  async function ofToken(token: string): Promise<Identity> {
    const { user, fingerprint, endsAt } = beliefs.get(token) ?? (await believe(token))
    const expiresInMs = endsAt - clock.ticks()
    // It may have ended since the database was asked, or while it was.
    if (expiresInMs <= 0 || isRevoked(fingerprint)) {
      beliefs.delete(token)
      throw new ChatError('unauthenticated', 'Invalid token.')
    }
    return { user, token, fingerprint, expiresInMs }
  }

  async function ofTicket(ticket: string): Promise<Identity> {
    const found = await accounts.redeemTicket(ticket)
    if (found === null || isRevoked(found.fingerprint)) {
      throw new ChatError('unauthenticated', 'Invalid ticket.')
    }
    return { ...found, token: null }
  }

  /**
   * Whether a foreign page is to be refused what its browser alone brings along. Reading by GET is guarded by CORS: the page
   * does not get to see the answer.
   */
  function isForeign(request: Request, { secure, query }: IdentitySource): boolean {
    const guarded = query || !(request.method === 'GET' || request.method === 'HEAD')
    return guarded && origins.foreign(request, secure)
  }

  async function named(request: Request, source: IdentitySource): Promise<Identity | null> {
    const header = request.headers.get('authorization')
    if (header !== null) {
      const [, token] = /^(?:token|bearer) +(\S+)$/i.exec(header.trim()) ?? []
      if (token === undefined) throw new ChatError('unauthenticated', 'Invalid token header.')
      return ofToken(token)
    }
    if (source.query) {
      const query = new URL(request.url).searchParams
      const token = query.get('token')
      if (token !== null) return ofToken(token)
      const ticket = query.get('ticket')
      if (ticket !== null) return ofTicket(ticket)
    }
    const session = cookieOf(request, SESSION_COOKIE)
    if (session === null) {
      if (source.nameless === true && isForeign(request, source)) {
        throw new HttpProblem('foreign_page', 'A page of this origin needs a token')
      }
      return null
    }
    // A browser sends the cookie along whoever's page it is.
    if (isForeign(request, source)) {
      throw new HttpProblem('foreign_page', 'This origin may not use the session')
    }
    return ofToken(session)
  }

  const self = {
    /** Whose token it is. @throws ChatError `unauthenticated` */
    ofToken,

    /**
     * To be asked once for each request, which the user's budget pays for; a handshake is not paid for.
     * @returns null where the request names nobody
     * @throws ChatError `unauthenticated` where what it names is not valid, `rate_limited`; HttpProblem `foreign_page` for a
     * cookie from one, or for nobody where somebody nameless would get in
     */
    async find(request: Request, source: IdentitySource): Promise<Identity | null> {
      const identity = await named(request, source)
      const waitMs = identity === null || source.query ? 0 : requests.take(identity.user.id)
      if (waitMs === 0) return identity
      throw new ChatError('rate_limited', 'You make too many requests', { retryAfterMs: waitMs })
    },

    /** The same, where a name is needed. @throws ChatError `unauthenticated` as well where there is none */
    async require(request: Request, source: IdentitySource): Promise<Identity> {
      const identity = await self.find(request, source)
      if (identity === null) {
        throw new ChatError('unauthenticated', 'Authentication credentials were not provided.')
      }
      return identity
    },

    /**
     * For what sets the session cookie: else a foreign page could sign its visitor in as somebody else.
     * @throws HttpProblem `foreign_page` for a request from one
     */
    expectOwnPage(request: Request, secure: boolean): void {
      if (!origins.foreign(request, secure)) return
      throw new HttpProblem('foreign_page', 'This origin may not sign in here')
    },

    /**
     * For what anyone may do who can reach the server, as a foreign page's form can by way of its visitor's browser.
     * @throws HttpProblem `foreign_page` for one
     */
    expectNoForeignForm(request: Request, secure: boolean): void {
      if (!origins.foreignForm(request, secure)) return
      throw new HttpProblem('foreign_page', 'This origin may not make accounts here')
    },

    /** Forgets what was believed of a token. */
    forget(token: string): void {
      beliefs.delete(token)
    },

    /** Forgets what was believed of every token: the database is another one. */
    forgetAll(): void {
      beliefs.clear()
    },

    /** Lets go of what is not believed any more: tokens in plain, and the memory that they take. */
    async tidy(): Promise<void> {
      beliefs.purgeStale()
    },
  }
  return self
}

/** What the database said of a token. */
interface Belief {
  readonly user: User
  readonly fingerprint: string
  /** In the clock's ticks: when the token ends. */
  readonly endsAt: number
}
