import { ChatError, type User } from '../../core/index.ts'
import { type Identity, type Server, type Speaker, TOKENS } from '../../server/index.ts'

/**
 * Returns the identity of the caller of a REST request.
 * @throws ChatError `unauthenticated` if the request has no credential or a wrong one
 */
export function identityOf(server: Server, request: Request): Promise<Identity> {
  return server.identities.require(request, { own: server.clientSide(request).origin, query: false })
}

/** Returns the user who calls a REST route. @throws as `identityOf` */
export async function callerOf(server: Server, request: Request): Promise<User> {
  return (await identityOf(server, request)).user
}

/** Returns the id of the token with which the user is signed in, or null if they signed in another way. */
export function tokenIdOf({ session }: Identity): string | null {
  return session.provider === TOKENS ? session.id : null
}

/** Issues a ticket for the token of the request. @throws ChatError `unauthenticated`, `forbidden` */
export async function ticketOf(server: Server, request: Request) {
  const identity = await identityOf(server, request)
  const token = tokenIdOf(identity)
  if (token === null) throw new ChatError('forbidden', "Tickets are issued for this server's tokens only")
  return server.chat.accounts.issueTicket(identity.user.id, token)
}

/** Returns the error for a request that needs a signed-in caller and has none. */
export function notSignedIn(): ChatError {
  return new ChatError('unauthenticated', 'Authentication credentials were not provided.')
}

/** @param identity null for a user who has not signed in */
export function speakerOf(user: User, identity: Pick<Identity, 'session' | 'expiresInMs'> | null): Speaker {
  return {
    user: { id: user.id, username: user.username },
    session: identity?.session ?? null,
    expiresInMs: identity?.expiresInMs ?? null,
  }
}
