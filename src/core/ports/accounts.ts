import type { AccountKind, User, UserId } from '../model.ts'
import type { PageWanted } from './rooms.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
  readonly kind: AccountKind
}

/** What of a profile is to change; what is left out stays. */
export interface ProfileWanted {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
}

/** When somebody was last connected. */
export interface Sighting {
  readonly user: UserId
  /** Milliseconds before now. */
  readonly agoMs: number
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
  /** null: no such user. */
  updateProfile(id: UserId, wanted: ProfileWanted): Promise<User | null>
  /** Does nothing for a user who is not there. */
  setPassword(id: UserId, passwordHash: string): Promise<void>
  /**
   * Moves each user's `lastSeen` forward, never back, by the store's clock.
   * @param seen a user at most once
   * @returns where it stands afterwards; a user who is not there is missing from the answer
   */
  touchSeen(seen: readonly Sighting[]): Promise<ReadonlyMap<UserId, Date>>
}

/** A token's owner, and how long it has left by the store's clock. */
export interface TokenOwner {
  readonly user: User
  readonly expiresInMs: number
}

/** A token as its owner sees it. */
export interface KeptToken {
  readonly hash: Uint8Array
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Lifetimes begin and end by the store's clock, which all nodes share. */
export interface TokenRegister {
  addToken(hash: Uint8Array, user: UserId, lifetimeMs: number): Promise<void>
  /** A ticket lives no longer than the token that it is for, its parent. @returns false where that is gone already */
  addTicket(hash: Uint8Array, user: UserId, parent: Uint8Array, lifetimeMs: number): Promise<boolean>
  /** The owner of a token that has not expired. */
  tokenOwner(hash: Uint8Array): Promise<TokenOwner | null>
  /** The same of many, in one statement. @returns in the order of the hashes, which may repeat */
  tokenOwners(hashes: readonly Uint8Array[]): Promise<(TokenOwner | null)[]>
  /**
   * The owner of a ticket that has not expired, its parent's hash, and how long the parent has left. It is gone
   * afterwards: of simultaneous calls one succeeds.
   */
  redeemTicket(hash: Uint8Array): Promise<(TokenOwner & { readonly parent: Uint8Array }) | null>
  /** With its tickets. @returns whether it was there */
  removeToken(hash: Uint8Array): Promise<boolean>
  /** The user's tokens that have not expired, newest first, at most 1,000; no tickets. */
  tokensOf(user: UserId): Promise<KeptToken[]>
  /** With its tickets, where it is the user's and has not expired. @returns whether it was there */
  removeTokenOf(user: UserId, hash: Uint8Array): Promise<boolean>
  /** The user's tokens, with their tickets, except for one. @returns those that had not expired */
  removeOtherTokens(user: UserId, keep: Uint8Array | null): Promise<Uint8Array[]>
  /** Those of the tokens that are there and have not expired; in one query. */
  livingTokens(hashes: readonly Uint8Array[]): Promise<Uint8Array[]>
}

/** The clients from which accounts were signed in to, as hashes. Of each account the latest 20 are kept, for 180 days. */
export interface KnownClientRegister {
  /**
   * Returns those of the hashes that are kept of the account; none for an account that is not there.
   * @param account its name, folded
   */
  knownClients(account: string, hashes: readonly Uint8Array[]): Promise<Uint8Array[]>
  addKnownClients(user: UserId, hashes: readonly Uint8Array[]): Promise<void>
  forgetKnownClients(user: UserId): Promise<void>
}

/** Work with passwords is done a little at a time. Each kind waits by itself, and gets its turns. */
export interface HashTurn {
  /** `known`: of who is signed in, or signs in from where they did before. They come first, then sign-ins, then registrations. */
  readonly kind: 'known' | 'sign_in' | 'registration'
  /** The client's address: addresses take turns. */
  readonly source: string
}

export interface Passwords {
  /** @throws ChatError `overloaded` if too much of its kind waits already */
  hash(password: string, turn: HashTurn): Promise<string>
  /** Takes the same time for a hash of null (and answers false), so that timing does not tell which accounts exist. */
  verify(password: string, hash: string | null, turn: HashTurn): Promise<boolean>
}

export interface Secrets {
  /** 160 random bits as 40 hex characters. */
  token(): string
  hash(token: string): Uint8Array
}
