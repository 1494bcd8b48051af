import type {
  IssuedToken,
  ListedToken,
  MembershipPage,
  MentionPage,
  PasswordChange,
  ProfilePatch,
  RecentRoom,
  Room,
  Ticket,
  UnreadRoom,
  User,
} from '../wire.ts'
import type { Http } from './http.ts'
import type { Page, PageQuery } from './page.ts'

/** Users, and the account of the signed-in user. */
export function userCalls({ call }: Http) {
  return {
    me: {
      get: () => call<User>('GET', '/me'),
      update: (body: ProfilePatch) => call<User>('PATCH', '/me', { body }),
      /** Changes the password. Revokes all other tokens of the user. */
      changePassword: (body: PasswordChange) => call<void>('PUT', '/me/password', { body }),
      /** Lists what happened to the user's memberships after a number of the user's own, compacted. */
      changes: (query: PageQuery & { after?: number } = {}) =>
        call<MembershipPage>('GET', '/me/changes', { query }),
      /** Lists the user's tokens, newest first, without the secrets. */
      tokens: () => call<{ items: ListedToken[] }>('GET', '/me/tokens'),
      /** Makes a further token for the same user, to continue with when the present one ends. */
      issueToken: () => call<IssuedToken>('POST', '/me/tokens'),
      /** @param id the token to revoke; `current` for the one in use, which signs out */
      revokeToken: (id: string) => call<void>('DELETE', `/me/tokens/${encodeURIComponent(id)}`),
      revokeOtherTokens: () => call<void>('DELETE', '/me/tokens'),
      /** Issues a ticket, which opens one socket within 30 seconds, for addresses that must not contain a token. */
      ticket: () => call<Ticket>('POST', '/me/tickets'),
    },
    users: {
      /** @param query `search`: the beginning of names */
      search: (query: PageQuery & { search?: string } = {}) => call<Page<User>>('GET', '/users', { query }),
      get: (user: number) => call<User>('GET', `/users/${user}`),
    },
    directs: {
      /** Resolves to the direct chat with a user, which is created if there is none yet. */
      open: (user: number) => call<Room>('POST', '/directs', { body: { user } }),
    },
    /** Lists the messages that mention the caller, over all rooms that the caller is in; the latest first. */
    mentions: (query: PageQuery = {}) => call<MentionPage>('GET', '/mentions', { query }),
    /** Lists the rooms with unread messages. */
    unread: (query: PageQuery = {}) => call<Page<UnreadRoom>>('GET', '/unread', { query }),
    /**
     * Lists the caller's rooms, direct chats too, each with its latest message; the latest first. A room that gets a message while the
     * list is read may come again on a later page.
     */
    recent: (query: PageQuery = {}) => call<Page<RecentRoom>>('GET', '/recent', { query }),
  }
}
