import type { Accounts } from '../../core/index.ts'
import type { Identity, IdentityProvider } from './provider.ts'
import { type SessionEnds, TOKENS } from './session-ends.ts'

/** Parley's own tokens, which the session cookie holds as well, and the tickets issued for them. A session is a token. */
export function tokenProvider(
  accounts: Pick<Accounts, 'authenticate' | 'fingerprint' | 'redeemTicket' | 'livingTokens'>,
  ends: Pick<SessionEnds, 'watch'>,
): IdentityProvider {
  async function ofToken(token: string): Promise<Identity | null> {
    const owner = await accounts.authenticate(token)
    if (owner === null) return null
    const session = { provider: TOKENS, id: accounts.fingerprint(token), userId: owner.user.id }
    return { ...owner, session }
  }

  async function ofTicket(ticket: string): Promise<Identity | null> {
    const found = await accounts.redeemTicket(ticket)
    if (found === null) return null
    const { user, expiresInMs, fingerprint } = found
    return { user, expiresInMs, session: { provider: TOKENS, id: fingerprint, userId: user.id } }
  }

  return {
    name: TOKENS,
    accepts: ({ text }) => /^[0-9a-f]{40}$/.test(text),
    resolve: ({ kind, text }) => (kind === 'token' ? ofToken(text) : ofTicket(text)),
    stillValid: (sessions) => accounts.livingTokens(sessions.map(({ id }) => id)),
    // The core announces the end of a token when it has removed it.
    revoked: (listener) => ends.watch(TOKENS, listener),
  }
}
