import {
  type AccountKind,
  type Accounts,
  type AccountsOptions,
  ChatError,
  type Credentials,
  createAccounts,
  type HashTurn,
  type KeptToken,
  type KnownClientRegister,
  type Limiter,
  type PageWanted,
  type Passwords,
  type Profile,
  type ProfileWanted,
  type Secrets,
  type Signal,
  type Source,
  type Taken,
  type TokenOwner,
  type TokenRegister,
  type User,
  type UserId,
  type UserRegister,
  usernameKey,
} from '../../../src/core/index.ts'
import { FakeClock } from './clock.ts'
import { present, profile, user } from './values.ts'

export const HERE: Source = { address: 'here', device: null, foreign: false, waitMs: 0 }
/** The address of registrations, so that no account knows another address. */
export const THERE: Source = { ...HERE, address: 'there' }

/** Accounts over small registers in memory, with a record of the calls to each part. */
export class AccountsRig {
  readonly clock = new FakeClock()
  readonly users = new MemoryUsers()
  readonly tokens = new MemoryTokens(this.clock, this.users)
  readonly passwords = new PlainPasswords()
  readonly limiter = new CountingLimiter()
  readonly knownClients = new MemoryKnownClients(this.users)
  readonly signals: Signal[] = []
  readonly #secrets = countedSecrets()
  readonly accounts = this.again()

  /** The same accounts with other settings. */
  again(options: Partial<AccountsOptions> = {}): Accounts {
    return createAccounts(
      {
        users: this.users,
        tokens: this.tokens,
        passwords: this.passwords,
        secrets: this.#secrets,
        limiter: this.limiter,
        knownClients: this.knownClients,
        signals: { publish: (signal) => void this.signals.push(signal) },
      },
      { tokenTtlDays: 2, passwordMinLength: 8, registration: 'open', ...options },
    )
  }
}

class MemoryUsers implements UserRegister {
  readonly all: Credentials[] = []

  async createUser(username: string, passwordHash: string | null, kind: AccountKind): Promise<User> {
    if ((await this.credentials(username)) !== null) throw new ChatError('conflict', 'taken')
    const made = user(this.all.length + 1, username)
    this.all.push({ user: made, passwordHash, kind })
    return made
  }

  async credentials(username: string): Promise<Credentials | null> {
    return this.all.find((each) => usernameKey(each.user.username) === usernameKey(username)) ?? null
  }

  async user(id: UserId): Promise<Credentials | null> {
    return this.all.find((each) => each.user.id === id) ?? null
  }

  async usersById(ids: readonly UserId[]): Promise<User[]> {
    return this.all.map((each) => each.user).filter((each) => ids.includes(each.id))
  }

  async accountsById(ids: readonly UserId[]): Promise<Profile[]> {
    const accounts = this.all.filter((each) => each.kind !== 'guest').map((each) => each.user)
    return accounts.filter((each) => ids.includes(each.id)).map((each) => profile(each))
  }

  async users(_page: PageWanted, _search: string): Promise<Profile[]> {
    return this.all.map((each) => profile(each.user))
  }

  async updateProfile(id: UserId, { firstName, lastName }: ProfileWanted): Promise<Profile | null> {
    const found = await this.user(id)
    if (found === null) return null
    const names = { firstName: firstName ?? found.user.firstName, lastName: lastName ?? found.user.lastName }
    return profile(this.#replace(found, { user: { ...found.user, ...names } }).user)
  }

  async setPassword(id: UserId, passwordHash: string): Promise<void> {
    this.#replace(present(await this.user(id)), { passwordHash })
  }

  touchSeen(): never {
    throw new Error('touchSeen is not expected here')
  }

  #replace(old: Credentials, changes: Partial<Credentials>): Credentials {
    const replaced = { ...old, ...changes }
    this.all.splice(this.all.indexOf(old), 1, replaced)
    return replaced
  }
}

class MemoryTokens implements TokenRegister {
  readonly #clock: FakeClock
  readonly #users: MemoryUsers
  readonly all = new Map<string, Kept>()
  /** Runs before a token is added. */
  adding: () => Promise<void> | void = () => undefined

  constructor(clock: FakeClock, users: MemoryUsers) {
    this.#clock = clock
    this.#users = users
  }

  async addToken(hash: Uint8Array, user: UserId, lifetimeMs: number): Promise<void> {
    await this.adding()
    this.all.set(hash.toHex(), { user, parent: null, ...this.#times(lifetimeMs) })
  }

  async addTicket(hash: Uint8Array, user: UserId, parent: Uint8Array, lifetimeMs: number): Promise<boolean> {
    if (!this.all.has(parent.toHex())) return false
    this.all.set(hash.toHex(), { user, parent, ...this.#times(lifetimeMs) })
    return true
  }

  async tokenOwner(hash: Uint8Array): Promise<TokenOwner | null> {
    const found = this.#living(hash)
    return found?.parent === null ? this.#owner(found) : null
  }

  tokenOwners(hashes: readonly Uint8Array[]): Promise<(TokenOwner | null)[]> {
    return Promise.all(hashes.map((hash) => this.tokenOwner(hash)))
  }

  async redeemTicket(hash: Uint8Array): Promise<(TokenOwner & { parent: Uint8Array }) | null> {
    const found = this.#living(hash)
    if (found === undefined || found.parent === null) return null
    this.all.delete(hash.toHex())
    const parent = present(await this.tokenOwner(found.parent))
    return { ...parent, parent: found.parent }
  }

  async removeToken(hash: Uint8Array): Promise<boolean> {
    for (const [key, { parent }] of this.all) if (parent?.toHex() === hash.toHex()) this.all.delete(key)
    return this.all.delete(hash.toHex())
  }

  async tokensOf(user: UserId): Promise<KeptToken[]> {
    return this.#of(user).map(([hash, kept]) => ({ hash: Uint8Array.fromHex(hash), ...kept }))
  }

  async removeTokenOf(user: UserId, hash: Uint8Array): Promise<boolean> {
    const own = this.#of(user).some(([each]) => each === hash.toHex())
    return own && this.removeToken(hash)
  }

  async removeOtherTokens(user: UserId, keep: Uint8Array | null): Promise<Uint8Array[]> {
    const others = this.#of(user).flatMap(([hash]) =>
      hash === keep?.toHex() ? [] : Uint8Array.fromHex(hash),
    )
    for (const hash of others) await this.removeToken(hash)
    return others
  }

  async livingTokens(hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return hashes.filter((hash) => this.#living(hash) !== undefined)
  }

  #of(user: UserId): [string, Kept][] {
    return [...this.all].filter(([, kept]) => kept.user === user && kept.parent === null)
  }

  #times(lifetimeMs: number): Pick<Kept, 'createdAt' | 'expiresAt'> {
    const now = this.#clock.now()
    return { createdAt: new Date(now), expiresAt: new Date(now + lifetimeMs) }
  }

  #living(hash: Uint8Array): Kept | undefined {
    const found = this.all.get(hash.toHex())
    return found !== undefined && found.expiresAt.getTime() > this.#clock.now() ? found : undefined
  }

  async #owner({ user, expiresAt }: Kept): Promise<TokenOwner> {
    const { user: owner } = present(await this.#users.user(user))
    return { user: owner, expiresInMs: expiresAt.getTime() - this.#clock.now() }
  }
}

interface Kept {
  readonly user: UserId
  /** null for a token. */
  readonly parent: Uint8Array | null
  readonly createdAt: Date
  readonly expiresAt: Date
}

class MemoryKnownClients implements KnownClientRegister {
  readonly #users: MemoryUsers
  readonly all = new Map<UserId, Set<string>>()

  constructor(users: MemoryUsers) {
    this.#users = users
  }

  async knownClients(account: string, hashes: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const found = await this.#users.credentials(account)
    const own = found === null ? undefined : this.all.get(found.user.id)
    return hashes.filter((hash) => own?.has(hash.toHex()))
  }

  async addKnownClients(user: UserId, hashes: readonly Uint8Array[]): Promise<void> {
    this.all.set(user, new Set([...(this.all.get(user) ?? []), ...hashes.map((hash) => hash.toHex())]))
  }

  async forgetKnownClients(user: UserId): Promise<void> {
    this.all.delete(user)
  }
}

/** Fake hashes: a hash is the password in brackets. */
class PlainPasswords implements Passwords {
  /** The hashes that passwords were compared with. */
  readonly compared: (string | null)[] = []
  /** The turns of the hashes. */
  readonly turns: HashTurn[] = []
  overloaded = false

  async hash(password: string, turn: HashTurn): Promise<string> {
    this.turns.push(turn)
    if (this.overloaded) throw new ChatError('overloaded', 'too many')
    return `<${password}>`
  }

  async verify(password: string, hash: string | null, turn: HashTurn): Promise<boolean> {
    this.turns.push(turn)
    this.compared.push(hash)
    if (this.overloaded) throw new ChatError('overloaded', 'too many')
    return hash === `<${password}>`
  }
}

class CountingLimiter implements Limiter {
  readonly taken = new Map<string, number>()
  /** The keys that have reached their limit. */
  readonly spent = new Set<string>()

  async take(scope: string, key: string): Promise<Taken> {
    const spent = this.spent.has(`${scope} ${key}`)
    if (!spent) this.#add(scope, key, 1)
    return { waitMs: spent ? 1234 : 0, limit: 10, left: spent ? 0 : 9, resetMs: 1234 }
  }

  async giveBack(scope: string, key: string): Promise<void> {
    this.#add(scope, key, -1)
  }

  #add(scope: string, key: string, count: number): void {
    const name = `${scope} ${key}`
    const now = (this.taken.get(name) ?? 0) + count
    if (now === 0) this.taken.delete(name)
    else this.taken.set(name, now)
  }
}

function countedSecrets(): Secrets {
  let made = 0
  return {
    token: () => (++made).toString(16).padStart(40, '0'),
    hash: (token) => new Bun.CryptoHasher('sha256').update(token).digest(),
  }
}
