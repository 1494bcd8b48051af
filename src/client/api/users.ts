import type {
  IssuedToken,
  ListedToken,
  PasswordChange,
  ProfilePatch,
  Room,
  Ticket,
  UnreadRoom,
  User,
} from '../wire.ts'
import type { Http } from './http.ts'
import type { Page, PageQuery } from './page.ts'

/** Users, and the one who is signed in. */
export function userCalls({ call }: Http) {
  return {
    me: {
      get: () => call<User>('GET', '/me'),
      update: (body: ProfilePatch) => call<User>('PATCH', '/me', { body }),
      /** Ends all of the user's other tokens. */
      changePassword: (body: PasswordChange) => call<void>('PUT', '/me/password', { body }),
      /** The newest first, without the tokens themselves. */
      tokens: () => call<{ items: ListedToken[] }>('GET', '/me/tokens'),
      /** A further token for the same user, to go on with when the present one ends. */
      issueToken: () => call<IssuedToken>('POST', '/me/tokens'),
      /** @param id `current` for the one that is in use: that signs out */
      revokeToken: (id: string) => call<void>('DELETE', `/me/tokens/${encodeURIComponent(id)}`),
      revokeOtherTokens: () => call<void>('DELETE', '/me/tokens'),
      /** Opens one socket within 30 seconds, where a token must not be in an address. */
      ticket: () => call<Ticket>('POST', '/me/tickets'),
    },
    users: {
      /** @param query `search`: how the names begin */
      search: (query: PageQuery & { search?: string } = {}) => call<Page<User>>('GET', '/users', { query }),
      get: (user: number) => call<User>('GET', `/users/${user}`),
    },
    directs: {
      /** The direct chat with a user, made if there is none yet. */
      open: (user: number) => call<Room>('POST', '/directs', { body: { user } }),
    },
    /** The rooms in which there is something to read. */
    unread: (query: PageQuery = {}) => call<Page<UnreadRoom>>('GET', '/unread', { query }),
  }
}
