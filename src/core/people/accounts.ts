import { refuseMetadata } from '../details/index.ts'
import { ChatError } from '../errors.ts'
import type { Profile, User, UserId, UserRef } from '../model.ts'
import type { KnownClientRegister, PageWanted, ProfileWanted } from '../ports.ts'
import { requireName } from './account-rules.ts'
import { createKnownClients } from './known-clients.ts'
import { createRegistration, type RegistrationDeps, type RegistrationOptions } from './registration.ts'
import { createSignIn, type SignInDeps } from './sign-in.ts'
import { createTokens, type TokensDeps } from './tokens.ts'

export interface AccountsOptions extends RegistrationOptions {
  readonly tokenTtlDays: number
}

export interface AccountsDeps extends TokensDeps, RegistrationDeps, SignInDeps {
  readonly knownClients: KnownClientRegister
}

export type Accounts = ReturnType<typeof createAccounts>

/** The use cases of accounts: profiles here; registration, sign-in and tokens in the other files of this folder. */
export function createAccounts(deps: AccountsDeps, options: AccountsOptions) {
  const { users } = deps
  const tokens = createTokens(deps, options.tokenTtlDays)
  const clients = createKnownClients(deps.knownClients, deps.secrets)

  return {
    ...tokens,
    ...createRegistration(deps, tokens, clients, options),
    ...createSignIn(deps, tokens, clients, options),

    /** @throws ChatError `invalid`, `not_found` */
    async updateProfile(user: UserId, wanted: ProfileWanted): Promise<Profile> {
      requireName('first_name', wanted.firstName)
      requireName('last_name', wanted.lastName)
      refuseMetadata(wanted.metadata)
      const updated = await users.updateProfile(user, wanted)
      if (updated === null) throw new ChatError('not_found', 'User not found')
      return updated
    },

    async user(id: UserId): Promise<Profile | null> {
      return (await users.accountsById([id]))[0] ?? null
    },

    /** Returns those of the users who exist, guests included, by id and name. */
    async refs(ids: readonly UserId[]): Promise<UserRef[]> {
      return (await users.usersById(ids)).map(({ id, username }) => ({ id, username }))
    },

    /** Returns the names of users in the order of the ids, each once, except for the user `without`. */
    async usernames(ids: readonly UserId[], without: UserId): Promise<string[]> {
      const found = new Map((await users.usersById(ids)).map((user) => [user.id, user.username]))
      return [...new Set(ids)].flatMap((id) => (id === without ? [] : (found.get(id) ?? [])))
    },

    /** Returns an account and whether it was made without a password; only such an account can be used by its id alone. */
    async openness(id: UserId): Promise<{ user: User; open: boolean } | null> {
      const found = await users.user(id)
      if (found === null || found.kind === 'guest') return null
      return { user: found.user, open: found.kind === 'open' && found.passwordHash === null }
    },

    list(page: PageWanted, search = ''): Promise<Profile[]> {
      return users.users(page, search)
    },
  }
}
