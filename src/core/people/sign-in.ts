import { ChatError } from '../errors.ts'
import type { UserRef } from '../model.ts'
import type { Credentials, HashTurn, Limiter, Passwords, Secrets, UserRegister } from '../ports.ts'
import { canBeUsername, usernameKey } from '../text/index.ts'
import { isPassword, requirePassword } from './account-rules.ts'
import { type GuessCount, judgeGuess, tooMany } from './guesses.ts'
import { type KnownClients, type Recognised, STRANGER } from './known-clients.ts'
import type { Source } from './source.ts'
import type { SignedIn, Tokens } from './tokens.ts'

export interface SignInDeps {
  readonly users: UserRegister
  readonly passwords: Passwords
  readonly limiter: Limiter
  readonly secrets: Secrets
}

/** A user has signed in with a password. */
export interface LoggedIn extends SignedIn {
  /** A secret by which the browser is known from now on; null if it keeps the one that it has. */
  readonly newDevice: string | null
}

/** Signs users in by passwords, changes passwords, and limits guesses. */
export function createSignIn(
  { users, passwords, limiter, secrets }: SignInDeps,
  tokens: Tokens,
  clients: KnownClients,
  { passwordMinLength }: { readonly passwordMinLength: number },
) {
  /** Returns the account if the password fits, else null. Takes the same time if there is no such account. */
  async function judge(username: string, password: string, turn: HashTurn): Promise<Credentials | null> {
    const acceptable = canBeUsername(username) && isPassword(password)
    const found = acceptable ? await users.credentials(username) : null
    const right = await passwords.verify(acceptable ? password : '', found?.passwordHash ?? null, turn)
    return right ? found : null
  }

  return {
    /**
     * Signs a user in. Guesses from a known client of the account count for that client only. All others count by account, so that a
     * thousand guesses from a thousand addresses are stopped, and by address. An unknown user and a wrong password get the same error
     * after the same time.
     * @param wantsDevice whether the client can keep a secret for its browser
     * @throws ChatError `unauthenticated`, `rate_limited`, `overloaded`
     */
    async login(username: string, password: string, source: Source, wantsDevice = false): Promise<LoggedIn> {
      const wrongCredentials = () =>
        new ChatError('unauthenticated', 'Unable to log in with provided credentials.')
      // All texts that are too long for a name count as one account, which nobody has.
      const account = usernameKey(username) ?? ''
      const recognised = canBeUsername(username) ? await clients.recognise(account, source) : STRANGER
      if (recognised.key === null && source.waitMs > 0) throw tooMany(source.waitMs)
      const turn = { kind: recognised.key === null ? 'sign_in' : 'known', source: source.address } as const
      const found = await judgeGuess(limiter, countsOf(account, source, recognised), () =>
        judge(username, password, turn),
      )
      if (found === null) throw wrongCredentials()
      const newDevice = wantsDevice && !recognised.byDevice ? secrets.token() : null
      const device = recognised.byDevice ? source.device : newDevice
      await clients.remember(found.user.id, account, source, device)
      const signedIn = await tokens.issueToken(found.user)
      // If the password was changed meanwhile, the other tokens were ended; this one may have been issued just after that.
      if ((await users.user(found.user.id))?.passwordHash !== found.passwordHash) {
        await tokens.logout(signedIn.token)
        throw wrongCredentials()
      }
      return { ...signedIn, newDevice }
    },

    /**
     * Changes the password and ends all other tokens, so that nobody stays signed in by the old one. Guesses at the current password have
     * a limit of their own, since only a holder of the user's token can make them.
     * @param keep the fingerprint of a token of the user that goes on; null for none
     * @throws ChatError `invalid`, `forbidden` if the current password is wrong or the account has none, `rate_limited`,
     * `overloaded`
     */
    async changePassword(
      user: UserRef,
      current: string,
      next: string,
      keep: string | null,
      source: Source,
    ): Promise<void> {
      requirePassword('new_password', next, passwordMinLength)
      const hash = (await users.user(user.id))?.passwordHash ?? null
      if (hash === null) throw new ChatError('forbidden', 'This account has no password')
      const turn = { kind: 'known', source: source.address } as const
      const right = await judgeGuess(limiter, [['password_change', String(user.id)]], async () =>
        isPassword(current) && (await passwords.verify(current, hash, turn)) ? true : null,
      )
      if (right === null) {
        throw new ChatError('forbidden', 'The current password is wrong', { field: 'current_password' })
      }
      await users.setPassword(user.id, await passwords.hash(next, turn))
      const account = usernameKey(user.username) ?? ''
      const { byDevice } = await clients.recognise(account, source)
      await clients.forget(user.id)
      await clients.remember(user.id, account, source, byDevice ? source.device : null)
      await tokens.revokeOtherTokens(user.id, keep)
    },
  }
}

function countsOf(account: string, { address }: Source, { key }: Recognised): readonly GuessCount[] {
  if (key !== null) return [['login_known', key]]
  return [
    ['login_address', address],
    ['login_account', account],
  ]
}
