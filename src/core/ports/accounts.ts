import type { AccountKind, User, UserId } from '../model.ts'
import type { PageWanted } from './rooms.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
  readonly kind: AccountKind
}

export interface UserRegister {
  /** @throws ChatError `conflict` where the name is taken, in any case */
  createUser(username: string, passwordHash: string | null, kind: AccountKind): Promise<User>
  credentials(username: string): Promise<Credentials | null>
  user(id: UserId): Promise<Credentials | null>
  /** Those of the ids that exist. */
  usersById(ids: readonly UserId[]): Promise<User[]>
  /** The same without guests: whom one may invite or write to. */
  accountsById(ids: readonly UserId[]): Promise<User[]>
  /** By id, without guests; `search` keeps those whose name begins with it, in any case. */
  users(page: PageWanted, search: string): Promise<User[]>
}

/** Lifetimes begin and end by the store's clock, which all nodes share. */
export interface TokenRegister {
  addToken(hash: Uint8Array, user: UserId, lifetimeMs: number): Promise<void>
  /** A ticket lives no longer than the token that it is for, its parent. @returns false where that is gone already */
  addTicket(hash: Uint8Array, user: UserId, parent: Uint8Array, lifetimeMs: number): Promise<boolean>
  /** The owner of a token that has not expired. */
  tokenOwner(hash: Uint8Array): Promise<User | null>
  /** The owner of a ticket that has not expired, and its parent's hash. It is gone afterwards: of simultaneous calls one succeeds. */
  redeemTicket(hash: Uint8Array): Promise<{ user: User; parent: Uint8Array } | null>
  /** With its tickets. @returns whether it was there */
  removeToken(hash: Uint8Array): Promise<boolean>
}

export interface Passwords {
  /** @throws ChatError `overloaded` where too many hashes are waiting already */
  hash(password: string): Promise<string>
  /** Takes the same time for a hash of null (and answers false), so that timing does not tell which accounts exist. */
  verify(password: string, hash: string | null): Promise<boolean>
}

export interface Secrets {
  /** 160 random bits as 40 hex characters. */
  token(): string
  hash(token: string): Uint8Array
}
