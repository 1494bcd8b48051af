import { ChatError, type User } from '../../core/index.ts'
import type { Identity, Server } from '../../server/index.ts'
import { notSignedIn, parseId } from '../shared/index.ts'

export interface V1Options {
  /** Whether a bare id is accepted as identification of an account that has no password. */
  readonly trustIds: boolean
}

export interface Caller {
  readonly user: User
  /** null if the request had only an id. */
  readonly identity: Identity | null
}

/** Identifies callers: by token, or by id if ids are trusted. */
export function createCallers(server: Server, { trustIds }: V1Options) {
  function find(request: Request, query: boolean): Promise<Identity | null> {
    return server.identities.find(request, {
      own: server.clientSide(request).origin,
      query,
      nameless: trustIds,
    })
  }

  return {
    /** Identifies a reader. null is an anonymous reader, who sees only what is public; allowed only if ids are trusted. */
    async reader(request: Request): Promise<User | null> {
      const identity = await find(request, false)
      if (identity === null && !trustIds) throw notSignedIn()
      return identity?.user ?? null
    },

    /**
     * Identifies the user that a request or socket claims to be.
     * @param query whether the token may be in the URL
     * @throws ChatError `unauthenticated` if the claim is not proven, `not_found` if there is no such user
     */
    async speaker(request: Request, claimed: string, query: boolean): Promise<Caller> {
      const identity = await find(request, query)
      const id = parseId(claimed)
      if (identity !== null) {
        if (identity.user.id !== id)
          throw new ChatError('unauthenticated', "The user_id must be the caller's own")
        return { user: identity.user, identity }
      }
      if (!trustIds) throw notSignedIn()
      const found = id === null ? null : await server.chat.accounts.openness(id)
      if (found === null) throw new ChatError('not_found', 'User not found')
      if (!found.open) throw new ChatError('unauthenticated', 'This account can only be used with its token')
      return { user: found.user, identity: null }
    },
  }
}
