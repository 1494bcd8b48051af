import { ChatError } from '../errors.ts'
import type { AccountKind, User } from '../model.ts'
import type { Limiter, Passwords, UserRegister } from '../ports.ts'
import { usernameKey } from '../text/index.ts'
import { requirePassword, requireUsername } from './account-rules.ts'
import type { KnownClients } from './known-clients.ts'
import type { Source } from './source.ts'
import type { SignedIn, Tokens } from './tokens.ts'

export interface RegistrationOptions {
  /** Whether anyone may make an account. */
  readonly registration: 'open' | 'closed'
  /** The fewest characters of a password; the most are 256. */
  readonly passwordMinLength: number
}

export interface RegistrationDeps {
  readonly users: UserRegister
  readonly passwords: Passwords
  readonly limiter: Limiter
}

/** Registers accounts. The number per minute and address is limited, over all contracts. */
export function createRegistration(
  { users, passwords, limiter }: RegistrationDeps,
  tokens: Tokens,
  clients: KnownClients,
  { registration, passwordMinLength }: RegistrationOptions,
) {
  async function signedIn(user: User, source: Source): Promise<SignedIn> {
    await clients.remember(user.id, usernameKey(user.username) ?? '', source, null)
    return tokens.issueToken(user)
  }

  /** A taken name counts, too: otherwise names could be probed without end. */
  async function limited(source: Source, make: () => Promise<User>): Promise<SignedIn> {
    const { waitMs } = await limiter.take('register_address', source.address)
    if (waitMs > 0) {
      const message = 'Too many new accounts from this address, try again later'
      throw new ChatError('rate_limited', message, { retryAfterMs: waitMs })
    }
    const user = await make().catch(async (error: unknown) => {
      if (error instanceof ChatError && error.retryable)
        await limiter.giveBack('register_address', source.address)
      throw error
    })
    return signedIn(user, source)
  }

  function requireOpen(): void {
    if (registration === 'closed') throw new ChatError('forbidden', 'Registration is closed')
  }

  const create = (name: string, hash: string | null, kind: AccountKind) => users.createUser(name, hash, kind)

  return {
    /**
     * Creates an account.
     * @throws ChatError `forbidden` if registration is closed, `invalid`, `conflict` if the name is taken, `rate_limited`,
     * `overloaded`
     */
    async register(username: string, password: string, source: Source): Promise<SignedIn> {
      requireOpen()
      const name = requireUsername(username)
      requirePassword('password', password, passwordMinLength)
      const turn = { kind: 'registration', source: source.address } as const
      return limited(source, async () => create(name, await passwords.hash(password, turn), 'person'))
    },

    /** Creates an account without a password, for contracts whose clients never send one. @throws as `register` */
    async registerWithoutPassword(username: string, source: Source): Promise<SignedIn> {
      requireOpen()
      const name = requireUsername(username)
      return limited(source, () => create(name, null, 'open'))
    },
  }
}
