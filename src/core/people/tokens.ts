import { batchLookUps } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { User, UserId } from '../model.ts'
import type { Secrets, Signals, TokenOwner, TokenRegister } from '../ports.ts'

const DAY_MS = 86_400_000
const TICKET_MS = 30_000
/** Tokens per query. */
const ASKED_AT_ONCE = 1000

export interface SignedIn {
  readonly user: User
  /** 40 hex characters; shown once, stored only as a hash. */
  readonly token: string
  readonly expiresInMs: number
}

/** A token in its owner's list. */
export interface ListedToken {
  /** The token's fingerprint. */
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

/** Issues and ends tokens, which stand for signed-in users, and tickets for single sockets. */
export function createTokens({ tokens, secrets, signals }: TokensDeps, ttlDays: number) {
  const ownerOf = batchLookUps((hashes: readonly Uint8Array[]) => tokens.tokenOwners(hashes))

  function announceEnd(userId: UserId, hash: Uint8Array): void {
    signals.publish({ type: 'token_revoked', userId, hash: hash.toHex() })
  }

  return {
    /** Issues a further token for the user. */
    async issueToken(user: User): Promise<SignedIn> {
      const token = secrets.token()
      const expiresInMs = ttlDays * DAY_MS
      await tokens.addToken(secrets.hash(token), user.id, expiresInMs)
      return { user, token, expiresInMs }
    },

    /** Returns the owner of a token; null if there is no such token or it has expired. */
    authenticate(token: string): Promise<TokenOwner | null> {
      return isToken(token) ? ownerOf(secrets.hash(token)) : Promise.resolve(null)
    },

    /** Returns the name of a token in connections and signals: its hash in hex, never the token itself. */
    fingerprint(token: string): string {
      return secrets.hash(token).toHex()
    },

    /** Ends a token, which closes its sockets on every node. */
    async logout(token: string): Promise<void> {
      const hash = secrets.hash(token)
      const owner = await tokens.tokenOwner(hash)
      if ((await tokens.removeToken(hash)) && owner !== null) announceEnd(owner.user.id, hash)
    },

    /** Returns the user's tokens, newest first, at most 1,000. */
    async tokens(user: UserId): Promise<ListedToken[]> {
      const kept = await tokens.tokensOf(user)
      return kept.map(({ hash, createdAt, expiresAt }) => ({ id: hash.toHex(), createdAt, expiresAt }))
    },

    /** Ends one of the user's tokens as `logout` does. @param id its fingerprint @returns whether there was such a one */
    async revokeToken(user: UserId, id: string): Promise<boolean> {
      const hash = hashOf(id)
      const gone = hash !== null && (await tokens.removeTokenOf(user, hash))
      if (gone) announceEnd(user, hash)
      return gone
    },

    /**
     * Ends all of the user's tokens but one as `logout` does. @param keep that one's fingerprint; null for none
     * @returns how many they were
     */
    async revokeOtherTokens(user: UserId, keep: string | null): Promise<number> {
      const gone = await tokens.removeOtherTokens(user, keep === null ? null : hashOf(keep))
      for (const hash of gone) announceEnd(user, hash)
      return gone.length
    },

    /** Returns those of the fingerprints whose tokens go on, with one query for each 1,000. */
    async livingTokens(fingerprints: readonly string[]): Promise<ReadonlySet<string>> {
      const hashes = fingerprints.flatMap((fingerprint) => hashOf(fingerprint) ?? [])
      const living = new Set<string>()
      for (let from = 0; from < hashes.length; from += ASKED_AT_ONCE) {
        const found = await tokens.livingTokens(hashes.slice(from, from + ASKED_AT_ONCE))
        for (const hash of found) living.add(hash.toHex())
      }
      return living
    },

    /**
     * Issues a ticket for one of the user's tokens. It opens one socket within 30 s, for clients that can send a secret in a URL
     * only, and ends with the token.
     * @param id the token's fingerprint
     * @throws ChatError `unauthenticated` if the token has just ended
     */
    async issueTicket(user: UserId, id: string): Promise<{ ticket: string; expiresInSeconds: number }> {
      const ticket = secrets.token()
      const parent = hashOf(id)
      if (parent === null || !(await tokens.addTicket(secrets.hash(ticket), user, parent, TICKET_MS))) {
        throw new ChatError('unauthenticated', 'Invalid token.')
      }
      return { ticket, expiresInSeconds: TICKET_MS / 1000 }
    },

    /** Spends a ticket. Returns its user, and the fingerprint and remaining time of its token; null if the ticket is not valid. */
    async redeemTicket(ticket: string): Promise<(TokenOwner & { readonly fingerprint: string }) | null> {
      const found = isToken(ticket) ? await tokens.redeemTicket(secrets.hash(ticket)) : null
      if (found === null) return null
      const { user, expiresInMs, parent } = found
      return { user, expiresInMs, fingerprint: parent.toHex() }
    },
  }
}

/** Returns the hash that a fingerprint spells out; null if the text is no fingerprint. */
function hashOf(fingerprint: string): Uint8Array | null {
  return /^[0-9a-f]{64}$/.test(fingerprint) ? Uint8Array.fromHex(fingerprint) : null
}

function isToken(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}
