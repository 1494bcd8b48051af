import type { User, UserId } from '../../core/index.ts'

/** What a client shows to say who it is, wherever in the request it stood. */
export interface Credential {
  /** A token may be shown again and again; a ticket opens one socket. */
  readonly kind: 'token' | 'ticket'
  readonly text: string
}

/** One sign-in of a user. Sockets that were opened by it end with it. */
export interface AuthSession {
  /** The provider's name. */
  readonly provider: string
  /** Unique within the provider and the same on every node, at most 200 characters. Names a secret, but is none. */
  readonly id: string
  readonly userId: UserId
}

/** Who makes a request, and by which sign-in. */
export interface Identity {
  readonly user: User
  readonly session: AuthSession
  /** Milliseconds until the session expires; null for never. */
  readonly expiresInMs: number | null
}

/**
 * One way to sign in: answers for the credentials of one form, on every node. Every call settles within seconds, so a provider
 * that asks another server has a time-out. A call that cannot be answered throws ChatError `unavailable`.
 */
export interface IdentityProvider {
  /** Unique among the providers of a server, and the same on every node and in every version. */
  readonly name: string

  /** Returns whether the credential has this provider's form; whether it is valid is for `resolve`. Pure and cheap. */
  accepts(credential: Credential): boolean

  /**
   * Returns whose credential it is, or null if it is not valid: forged, expired, revoked, spent, or of a user who does not exist.
   * Called only with accepted credentials. A valid token is believed for a second, so a caller does not come here each time.
   */
  resolve(credential: Credential): Promise<Identity | null>

  /**
   * Returns the ids of those of the sessions that go on. Sockets of all others are closed. Every node asks now and then for all of
   * its open sockets, each session once: thousands of sessions must cost a few look-ups. What `revoked` failed to tell is noticed here.
   * @param sessions this provider's
   */
  stillValid(sessions: readonly AuthSession[]): Promise<ReadonlySet<string>>

  /**
   * Calls back for each session that is ended before it expires, within a second of that, on whichever node it was ended. By then
   * `resolve` refuses the session's credentials on this node, and does so until they expire. At most once each; the order is of no
   * importance. May fail to tell, as when nodes cannot reach each other.
   * @param listener does not throw
   * @returns what ends the calls
   */
  revoked(listener: (session: AuthSession) => void): () => void
}
