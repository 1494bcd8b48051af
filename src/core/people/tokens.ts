import { gather } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { User, UserId } from '../model.ts'
import type { Secrets, Signals, TokenOwner, TokenRegister } from '../ports.ts'

const DAY_MS = 86_400_000
const TICKET_MS = 30_000
/** Tokens in one query. */
const ASKED_AT_ONCE = 1000

export interface SignedIn {
  readonly user: User
  /** 40 hex characters; shown once, stored only as a hash. */
  readonly token: string
  readonly expiresInMs: number
}

/** A token in its owner's list. */
export interface ListedToken {
  /** Its fingerprint. */
  readonly id: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

export interface TokensDeps {
  readonly tokens: TokenRegister
  readonly secrets: Secrets
  readonly signals: Signals
}

export type Tokens = ReturnType<typeof createTokens>

/** What stands for somebody who has signed in: tokens, and tickets for single sockets. */
export function createTokens({ tokens, secrets, signals }: TokensDeps, ttlDays: number) {
  const ownerOf = gather((hashes: readonly Uint8Array[]) => tokens.tokenOwners(hashes))

  function announceEnd(userId: UserId, hash: Uint8Array): void {
    signals.publish({ type: 'token_revoked', userId, hash: hash.toHex() })
  }

  return {
    /** A token more for the user. */
    async issueToken(user: User): Promise<SignedIn> {
      const token = secrets.token()
      const expiresInMs = ttlDays * DAY_MS
      await tokens.addToken(secrets.hash(token), user.id, expiresInMs)
      return { user, token, expiresInMs }
    },

    /** null: no such token, or expired. */
    authenticate(token: string): Promise<TokenOwner | null> {
      return isToken(token) ? ownerOf(secrets.hash(token)) : Promise.resolve(null)
    },

    /** How a token is known to connections and signals: its hash in hex, never itself. */
    fingerprint(token: string): string {
      return secrets.hash(token).toHex()
    },

    /** Ends a token: its sockets are closed on every node. */
    async logout(token: string): Promise<void> {
      const hash = secrets.hash(token)
      const owner = await tokens.tokenOwner(hash)
      if ((await tokens.removeToken(hash)) && owner !== null) announceEnd(owner.user.id, hash)
    },

    /** The user's tokens, newest first, at most 1,000. */
    async tokens(user: UserId): Promise<ListedToken[]> {
      const kept = await tokens.tokensOf(user)
      return kept.map(({ hash, createdAt, expiresAt }) => ({ id: hash.toHex(), createdAt, expiresAt }))
    },

    /** Ends one of the user's tokens as `logout` does. @returns whether there was such a one */
    async revokeToken(user: UserId, id: string): Promise<boolean> {
      if (!/^[0-9a-f]{64}$/.test(id)) return false
      const hash = Uint8Array.fromHex(id)
      const gone = await tokens.removeTokenOf(user, hash)
      if (gone) announceEnd(user, hash)
      return gone
    },

    /** Ends all of the user's tokens but one, or with null every one, as `logout` does. @returns how many they were */
    async revokeOtherTokens(user: UserId, keep: string | null): Promise<number> {
      const gone = await tokens.removeOtherTokens(user, keep === null ? null : secrets.hash(keep))
      for (const hash of gone) announceEnd(user, hash)
      return gone.length
    },

    /** Those of the fingerprints whose tokens have ended: for a node that may not have been told. */
    async ended(fingerprints: readonly string[]): Promise<string[]> {
      const living = new Set<string>()
      for (let from = 0; from < fingerprints.length; from += ASKED_AT_ONCE) {
        const some = fingerprints.slice(from, from + ASKED_AT_ONCE)
        const found = await tokens.livingTokens(some.map((fingerprint) => Uint8Array.fromHex(fingerprint)))
        for (const hash of found) living.add(hash.toHex())
      }
      return fingerprints.filter((fingerprint) => !living.has(fingerprint))
    },

    /**
     * A ticket opens one socket within 30 s, where a URL is the only place for a secret. It ends with the token.
     * @throws ChatError `unauthenticated` where the token has just ended
     */
    async issueTicket({
      user,
      token,
    }: Pick<SignedIn, 'user' | 'token'>): Promise<{ ticket: string; expiresInSeconds: number }> {
      const ticket = secrets.token()
      if (!(await tokens.addTicket(secrets.hash(ticket), user.id, secrets.hash(token), TICKET_MS))) {
        throw new ChatError('unauthenticated', 'Invalid token.')
      }
      return { ticket, expiresInSeconds: TICKET_MS / 1000 }
    },

    /** The ticket's user, and of the token that it was for the fingerprint and the time left. */
    async redeemTicket(ticket: string): Promise<(TokenOwner & { readonly fingerprint: string }) | null> {
      const found = isToken(ticket) ? await tokens.redeemTicket(secrets.hash(ticket)) : null
      if (found === null) return null
      const { user, expiresInMs, parent } = found
      return { user, expiresInMs, fingerprint: parent.toHex() }
    },
  }
}

function isToken(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}
