import { ChatError, isId, type UserId } from '../../src/core/index.ts'
import type { AuthSession, Identity, IdentityProvider, ProviderParts } from '../../src/server/index.ts'

const NAME = 'signed'
/** Users in one query. */
const ASKED_AT_ONCE = 500

export interface SignedTokens extends IdentityProvider {
  issue(user: UserId, lifetimeMs: number): string
  sessionOf(token: string): AuthSession
  /** Ends a session on this node, and tells the others. */
  end(session: AuthSession): void
  /** Ends a session on this node, and tells nobody. */
  endSilently(session: AuthSession): void
}

/**
 * Tokens that hold their user, their expiry and a signature, as a JWT does: nothing is stored when one is issued. It shows that
 * such a provider fits the port. Ended sessions are kept by each node that was told.
 */
export function signedTokens({ accounts, ends }: ProviderParts, secret: string): SignedTokens {
  const ended = new Set<string>()

  function sign(text: string): string {
    return new Bun.CryptoHasher('sha256', secret).update(text).digest('base64url')
  }

  function claimsOf(token: string): Claims | null {
    const [header = '', payload = '', signature = ''] = token.split('.')
    if (signature !== sign(`${header}.${payload}`)) return null
    const [id = '', user, expiresAt] = Buffer.from(payload, 'base64url').toString().split(' ')
    return { session: { provider: NAME, id, userId: userId(Number(user)) }, expiresAt: Number(expiresAt) }
  }

  async function resolve(token: string): Promise<Identity | null> {
    const claims = claimsOf(token)
    if (claims === null || ended.has(claims.session.id)) return null
    const expiresInMs = claims.expiresAt - Date.now()
    const user = expiresInMs > 0 ? await accounts.user(claims.session.userId) : null
    return user === null ? null : { user, session: claims.session, expiresInMs }
  }

  ends.watch(NAME, ({ id }) => ended.add(id))

  return {
    name: NAME,
    accepts: ({ kind, text }) => kind === 'token' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text),
    resolve: ({ text }) => resolve(text),
    async stillValid(sessions) {
      const open = sessions.filter(({ id }) => !ended.has(id))
      const users = [...new Set(open.map(({ userId }) => userId))]
      const known = new Set<UserId>()
      for (let from = 0; from < users.length; from += ASKED_AT_ONCE) {
        for (const { id } of await accounts.refs(users.slice(from, from + ASKED_AT_ONCE))) known.add(id)
      }
      return new Set(open.filter(({ userId }) => known.has(userId)).map(({ id }) => id))
    },
    revoked: (listener) => ends.watch(NAME, listener),
    issue(user, lifetimeMs) {
      const claims = `${crypto.randomUUID()} ${user} ${Date.now() + lifetimeMs}`
      const text = `e30.${Buffer.from(claims).toString('base64url')}`
      return `${text}.${sign(text)}`
    },
    sessionOf(token) {
      const claims = claimsOf(token)
      if (claims === null) throw new ChatError('invalid', 'the token is not signed')
      return claims.session
    },
    end: (session) => ends.publish(session),
    endSilently: ({ id }) => void ended.add(id),
  }
}

function userId(id: number): UserId {
  if (!isId(id)) throw new ChatError('invalid', `${id} is no user`)
  return id
}

interface Claims {
  readonly session: AuthSession
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}
