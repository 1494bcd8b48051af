import { ChatError, type User } from '../../core/index.ts'
import type { Identity, Server, Speaker } from '../../server/index.ts'

/** The user that a REST request is made by. @throws ChatError `unauthenticated` where it names nobody, or falsely */
export async function callerOf(server: Server, request: Request): Promise<User> {
  const { user } = await server.identities.require(request, { secure: server.secure(request), query: false })
  return user
}

/** Nobody is named, and somebody has to be. */
export function notSignedIn(): ChatError {
  return new ChatError('unauthenticated', 'Authentication credentials were not provided.')
}

/** @param identity null for a user that no token speaks for */
export function speakerOf(
  user: User,
  identity: Pick<Identity, 'fingerprint' | 'expiresInMs'> | null,
): Speaker {
  return {
    user: { id: user.id, username: user.username },
    fingerprint: identity?.fingerprint ?? null,
    expiresInMs: identity?.expiresInMs ?? null,
  }
}
