import { ChatError } from './errors.ts'
import { judgeGuess } from './guesses.ts'
import type { User, UserId, UserRef } from './model.ts'
import type { Credentials, Limiter, PageWanted, Passwords, ProfileWanted, UserRegister } from './ports.ts'
import { formProblem, lengthProblem, usernameOf } from './text.ts'
import { createTokens, type SignedIn, type TokensDeps } from './tokens.ts'

export interface AccountsOptions {
  readonly tokenTtlDays: number
  /** Characters; a password may have up to 256. */
  readonly passwordMinLength: number
}

export interface AccountsDeps extends TokensDeps {
  readonly users: UserRegister
  readonly passwords: Passwords
  readonly limiter: Limiter
}

export type Accounts = ReturnType<typeof createAccounts>

/** Who somebody is: accounts, passwords, profiles; and what `tokens.ts` has. */
export function createAccounts(deps: AccountsDeps, options: AccountsOptions) {
  const { users, passwords, limiter } = deps
  const tokens = createTokens(deps, options.tokenTtlDays)

  /** The account whose password it is, after the same work whether there is such an account or not. */
  async function judge(username: string, password: string): Promise<Credentials | null> {
    const acceptable = 'name' in usernameOf(username) && isPassword(password)
    const found = acceptable ? await users.credentials(username) : null
    const right = await passwords.verify(acceptable ? password : '', found?.passwordHash ?? null)
    return right ? found : null
  }

  return {
    ...tokens,

    /** @throws ChatError `invalid`, `conflict` where the name is taken, `overloaded` */
    async register(username: string, password: string): Promise<SignedIn> {
      const name = requireUsername(username)
      requirePassword('password', password, options.passwordMinLength)
      return tokens.issueToken(await users.createUser(name, await passwords.hash(password), 'person'))
    },

    /** An account that has no password: for contracts whose clients never send one. Throws as `register`. */
    async registerWithoutPassword(username: string): Promise<SignedIn> {
      return tokens.issueToken(await users.createUser(requireUsername(username), null, 'open'))
    },

    /**
     * The same error, after the same work, for an unknown user and a wrong password.
     * @param address the client's, for the limit on guesses
     * @throws ChatError `unauthenticated`, `rate_limited`, `overloaded`
     */
    async login(username: string, password: string, address: string): Promise<SignedIn> {
      const refused = () => new ChatError('unauthenticated', 'Unable to log in with provided credentials.')
      const found = await judgeGuess(limiter, username, address, () => judge(username, password))
      if (found === null) throw refused()
      const signedIn = await tokens.issueToken(found.user)
      // Whoever changed the password meanwhile has ended the tokens that were there: this one may have come just after.
      if ((await users.user(found.user.id))?.passwordHash !== found.passwordHash) {
        await tokens.logout(signedIn.token)
        throw refused()
      }
      return signedIn
    },

    /**
     * Ends all other tokens, so that whoever knew the old password is out.
     * @param keep a token of the user that goes on; null for none
     * @param address the client's, for the limit on guesses
     * @throws ChatError `invalid`, `forbidden` where the current password is not right or the account has none,
     * `rate_limited`, `overloaded`
     */
    async changePassword(
      user: UserRef,
      current: string,
      next: string,
      keep: string | null,
      address: string,
    ): Promise<void> {
      requirePassword('new_password', next, options.passwordMinLength)
      const hash = (await users.user(user.id))?.passwordHash ?? null
      if (hash === null) throw new ChatError('forbidden', 'This account has no password')
      const right = await judgeGuess(limiter, user.username, address, async () =>
        isPassword(current) && (await passwords.verify(current, hash)) ? true : null,
      )
      if (right === null) {
        throw new ChatError('forbidden', 'The current password is not right', { field: 'current_password' })
      }
      await users.setPassword(user.id, await passwords.hash(next))
      await tokens.revokeOtherTokens(user.id, keep)
    },

    /** @throws ChatError `invalid`, `not_found` */
    async updateProfile(user: UserId, wanted: ProfileWanted): Promise<User> {
      requireName('first_name', wanted.firstName)
      requireName('last_name', wanted.lastName)
      const updated = await users.updateProfile(user, wanted)
      if (updated === null) throw new ChatError('not_found', 'User not found')
      return updated
    },

    /** An account for one connection, with a made-up name. It can sign in nowhere. */
    guest(): Promise<User> {
      return users.createUser(`guest-${deps.secrets.token().slice(0, 10)}`, null, 'guest')
    },

    async user(id: UserId): Promise<User | null> {
      return (await users.accountsById([id]))[0] ?? null
    },

    /** Those of the users who exist, guests too, by id and name. */
    async refs(ids: readonly UserId[]): Promise<UserRef[]> {
      return (await users.usersById(ids)).map(({ id, username }) => ({ id, username }))
    },

    /** The names of users in the order of their ids given, each once, without one of them. */
    async usernames(ids: readonly UserId[], without: UserId): Promise<string[]> {
      const found = new Map((await users.usersById(ids)).map((user) => [user.id, user.username]))
      return [...new Set(ids)].flatMap((id) => (id === without ? [] : (found.get(id) ?? [])))
    },

    /** An account, and whether it was made without a password: only for such a one may an id alone ever speak. */
    async openness(id: UserId): Promise<{ user: User; open: boolean } | null> {
      const found = await users.user(id)
      if (found === null || found.kind === 'guest') return null
      return { user: found.user, open: found.kind === 'open' && found.passwordHash === null }
    },

    list(page: PageWanted, search = ''): Promise<User[]> {
      return users.users(page, search)
    },
  }
}

function requireUsername(text: string): string {
  const found = usernameOf(text)
  if ('name' in found) return found.name
  throw new ChatError('invalid', `username ${found.problem}`, { field: 'username' })
}

function requirePassword(field: string, password: string, minLength: number): void {
  refuse(field, lengthProblem(password, MAX_PASSWORD))
  const tooShort = [...password].length < minLength
  refuse(field, tooShort ? `must have at least ${minLength} characters` : formProblem(password))
}

function requireName(field: string, name: string | undefined): void {
  if (name !== undefined) refuse(field, lengthProblem(name, MAX_NAME) ?? formProblem(name))
}

function refuse(field: string, problem: string | null): void {
  if (problem !== null) throw new ChatError('invalid', `${field} ${problem}`, { field })
}

/** Whether it is worth the work of comparing it. */
function isPassword(text: string): boolean {
  return lengthProblem(text, MAX_PASSWORD) === null
}

/** In code points. */
const MAX_PASSWORD = 256
const MAX_NAME = 150
