import { ChatError } from './errors.ts'
import type { User, UserId } from './model.ts'
import type {
  Limiter,
  PageWanted,
  Passwords,
  Secrets,
  Signals,
  TokenRegister,
  UserRegister,
} from './ports.ts'
import { formProblem, lengthProblem, usernameKey, usernameProblem } from './text.ts'

const DAY_MS = 86_400_000
const TICKET_MS = 30_000

export interface AccountsOptions {
  readonly tokenTtlDays: number
  /** Characters; a password may have up to 256. */
  readonly passwordMinLength: number
}

export interface AccountsDeps {
  readonly users: UserRegister
  readonly tokens: TokenRegister
  readonly passwords: Passwords
  readonly secrets: Secrets
  readonly limiter: Limiter
  readonly signals: Signals
}

export interface SignedIn {
  readonly user: User
  /** 40 hex characters; shown once, stored only as a hash. */
  readonly token: string
}

export type Accounts = ReturnType<typeof createAccounts>

/** Who somebody is: accounts, passwords, tokens, tickets. */
export function createAccounts(deps: AccountsDeps, options: AccountsOptions) {
  const { users, tokens, passwords, secrets, limiter, signals } = deps

  async function issue(user: User): Promise<SignedIn> {
    const token = secrets.token()
    await tokens.addToken(secrets.hash(token), user.id, options.tokenTtlDays * DAY_MS)
    return { user, token }
  }

  /** The user whose password it is, after the same work whether there is such a user or not. */
  async function judge(username: string, password: string): Promise<User | null> {
    const acceptable =
      usernameProblem(username.normalize('NFKC')) === null && lengthProblem(password, 256) === null
    const found = acceptable ? await users.credentials(username) : null
    const right = await passwords.verify(acceptable ? password : '', found?.passwordHash ?? null)
    return right && found !== null ? found.user : null
  }

  return {
    /** @throws ChatError `invalid`, `conflict` where the name is taken, `overloaded` */
    async register(username: string, password: string): Promise<SignedIn> {
      requireUsername(username)
      requirePassword(password, options.passwordMinLength)
      return issue(
        await users.createUser(username.normalize('NFKC'), await passwords.hash(password), 'person'),
      )
    },

    /** An account that has no password: for contracts whose clients never send one. Throws as `register`. */
    async registerWithoutPassword(username: string): Promise<SignedIn> {
      return issue(await users.createUser(requireUsername(username), null, 'open'))
    },

    /**
     * The same error, after the same work, for an unknown user and a wrong password.
     * @param address the client's, for the limit on guesses
     * @throws ChatError `unauthenticated`, `rate_limited`, `overloaded`
     */
    async login(username: string, password: string, address: string): Promise<SignedIn> {
      const giveBack = await takeGuess(limiter, usernameKey(username.slice(0, 256)), address)
      const found = await judge(username, password).catch(async (error: unknown) => {
        await giveBack()
        throw error
      })
      if (found === null) {
        throw new ChatError('unauthenticated', 'Unable to log in with provided credentials.')
      }
      // Only wrong guesses count.
      await giveBack()
      return issue(found)
    },

    /** Ends a token: its sockets are closed on every node. */
    async logout(token: string): Promise<void> {
      const hash = secrets.hash(token)
      const user = await tokens.tokenOwner(hash)
      if ((await tokens.removeToken(hash)) && user !== null) {
        signals.publish({ type: 'token_revoked', userId: user.id, hash: hex(hash) })
      }
    },

    /** null: no such token, or expired. */
    authenticate(token: string): Promise<User | null> {
      return isToken(token) ? tokens.tokenOwner(secrets.hash(token)) : Promise.resolve(null)
    },

    /**
     * A ticket opens one socket within 30 s, where a URL is the only place for a secret. It ends with the token.
     * @throws ChatError `unauthenticated` where the token has just ended
     */
    async issueTicket({ user, token }: SignedIn): Promise<{ ticket: string; expiresInSeconds: number }> {
      const ticket = secrets.token()
      if (!(await tokens.addTicket(secrets.hash(ticket), user.id, secrets.hash(token), TICKET_MS))) {
        throw new ChatError('unauthenticated', 'Invalid token.')
      }
      return { ticket, expiresInSeconds: TICKET_MS / 1000 }
    },

    /** The ticket's user, and the fingerprint of the token that it was for. */
    async redeemTicket(ticket: string): Promise<{ user: User; fingerprint: string } | null> {
      const found = isToken(ticket) ? await tokens.redeemTicket(secrets.hash(ticket)) : null
      return found === null ? null : { user: found.user, fingerprint: hex(found.parent) }
    },

    /** An account for one connection, with a made-up name. It can sign in nowhere. */
    guest(): Promise<User> {
      return users.createUser(`guest-${secrets.token().slice(0, 10)}`, null, 'guest')
    },

    /** How a token is known to connections and signals: its hash in hex, never itself. */
    fingerprint(token: string): string {
      return hex(secrets.hash(token))
    },

    async user(id: UserId): Promise<User | null> {
      return (await users.accountsById([id]))[0] ?? null
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

/** Takes a guess of the address and of the account, both or none. @returns what gives them back */
async function takeGuess(limiter: Limiter, account: string, address: string): Promise<() => Promise<void>> {
  const refused = (retryAfterMs: number) =>
    new ChatError('rate_limited', 'Too many attempts, try again later', { retryAfterMs })
  const addressWait = await limiter.take('login_address', address)
  if (addressWait > 0) throw refused(addressWait)
  const accountWait = await limiter.take('login_account', account)
  if (accountWait > 0) {
    await limiter.giveBack('login_address', address)
    throw refused(accountWait)
  }
  return async () => {
    await Promise.all([
      limiter.giveBack('login_account', account),
      limiter.giveBack('login_address', address),
    ])
  }
}

/** The name as it is kept: in the compatibility form, which may be longer and hold other characters than what came. */
function requireUsername(username: string): string {
  const name = username.normalize('NFKC')
  const problem = usernameProblem(name)
  if (problem !== null) throw new ChatError('invalid', `username ${problem}`, { field: 'username' })
  return name
}

function requirePassword(password: string, minLength: number): void {
  const problem =
    [...password].length < minLength
      ? `must have at least ${minLength} characters`
      : (lengthProblem(password, 256) ?? formProblem(password))
  if (problem !== null) throw new ChatError('invalid', `password ${problem}`, { field: 'password' })
}

function isToken(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

function hex(bytes: Uint8Array): string {
  return bytes.toHex()
}
