import type { User } from '../../core/index.ts'
import type { Server } from '../../server/index.ts'

/** The user that a REST request is made by. @throws ChatError `unauthenticated` where it names nobody, or falsely */
export async function callerOf(server: Server, request: Request): Promise<User> {
  const { user } = await server.identities.require(request, { secure: server.secure(request), query: false })
  return user
}
