import type { AccountKind, JsonText, Profile, User, UserId } from '../model.ts'
import type { PageWanted } from './rooms.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
  readonly kind: AccountKind
}

/** Changes of a profile; what is left out stays. */
export interface ProfileWanted {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  /** null removes it. */
  readonly metadata?: JsonText | null | undefined
}

/** When a user was last connected. */
export interface Sighting {
  readonly user: UserId
  /** Milliseconds before now. */
  readonly agoMs: number
}

export interface UserRegister {
  /**
   * Creates an account. @throws ChatError `conflict` if the name is taken, in upper or lower case, or looks like another's and one of
   * the two is not ASCII
   */
  createUser(username: string, passwordHash: string | null, kind: AccountKind): Promise<User>
  credentials(username: string): Promise<Credentials | null>
  user(id: UserId): Promise<Credentials | null>
  /** Returns the users among the ids that exist, guests included. */
  usersById(ids: readonly UserId[]): Promise<User[]>
  /** Returns the same without guests: the users who can be invited or written to. */
  accountsById(ids: readonly UserId[]): Promise<Profile[]>
  /** Returns a page of users without guests, by id; `search` keeps those whose name begins with it, in upper or lower case. */
  users(page: PageWanted, search: string): Promise<Profile[]>
  /** Returns the changed user; null if there is no such user. */
  updateProfile(id: UserId, wanted: ProfileWanted): Promise<Profile | null>
  /** Does nothing if there is no such user. */
  setPassword(id: UserId, passwordHash: string): Promise<void>
  /**
   * Moves each user's `lastSeen` forward, never back, by the store's clock.
   * @param seen each user at most once
   * @returns the `lastSeen` of each user afterwards; without users who do not exist
   */
  touchSeen(seen: readonly Sighting[]): Promise<ReadonlyMap<UserId, Date>>
}

/** The owner of a token, and how long the token has left by the store's clock. */
export interface TokenOwner {
  readonly user: User
  readonly expiresInMs: number
}

/** A token in its owner's list. */
export interface KeptToken {
  readonly hash: Uint8Array
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Tokens and tickets by their hashes. Lifetimes begin and end by the store's clock, which all nodes share. */
export interface TokenRegister {
  addToken(hash: Uint8Array, user: UserId, lifetimeMs: number): Promise<void>
  /** Adds a ticket, which ends with its parent, the token that it is for. @returns false if the parent is gone already */
  addTicket(hash: Uint8Array, user: UserId, parent: Uint8Array, lifetimeMs: number): Promise<boolean>
  /** Returns the owner of a token; null if there is no such token or it has expired. Tickets are no tokens. */
  tokenOwner(hash: Uint8Array): Promise<TokenOwner | null>
  /** Returns the same for many tokens, with one statement, in the order of the hashes, which may repeat. */
  tokenOwners(hashes: readonly Uint8Array[]): Promise<(TokenOwner | null)[]>
  /**
   * Removes a ticket, and returns its owner, its parent's hash and how long the parent has left; null if there is no such ticket or it
   * has expired. Of simultaneous calls one succeeds.
   */
  redeemTicket(hash: Uint8Array): Promise<(TokenOwner & { readonly parent: Uint8Array }) | null>
  /** Removes a token with its tickets. @returns whether it was there */
  removeToken(hash: Uint8Array): Promise<boolean>
  /** Returns the user's tokens that have not expired, newest first, at most 1,000, without tickets. */
  tokensOf(user: UserId): Promise<KeptToken[]>
  /** Removes a token with its tickets, if it is the user's. @returns whether it was there and had not expired */
  removeTokenOf(user: UserId, hash: Uint8Array): Promise<boolean>
  /** Removes the user's tokens with their tickets, except for one token. @returns those that had not expired */
  removeOtherTokens(user: UserId, keep: Uint8Array | null): Promise<Uint8Array[]>
  /** Returns those of the tokens that exist and have not expired, with one query. */
  livingTokens(hashes: readonly Uint8Array[]): Promise<Uint8Array[]>
}

/** The clients from which accounts were signed in to, as hashes. The latest 20 of each account are kept for 180 days. */
export interface KnownClientRegister {
  /**
   * Returns those of the hashes that are kept for the account; none if there is no such account.
   * @param account the account's folded name
   */
  knownClients(account: string, hashes: readonly Uint8Array[]): Promise<Uint8Array[]>
  addKnownClients(user: UserId, hashes: readonly Uint8Array[]): Promise<void>
  forgetKnownClients(user: UserId): Promise<void>
}

/** Passwords are hashed a few at a time. Each kind has a queue and turns of its own. */
export interface HashTurn {
  /** `known`: the user is signed in, or signs in from a known client. These come first, then other sign-ins, then registrations. */
  readonly kind: 'known' | 'sign_in' | 'registration'
  /** The client's address. Addresses take turns. */
  readonly source: string
}

export interface Passwords {
  /** @throws ChatError `overloaded` if too many of its kind wait already */
  hash(password: string, turn: HashTurn): Promise<string>
  /** Returns whether the password fits. A hash of null takes the same time and gives false, so timing does not tell which accounts exist. */
  verify(password: string, hash: string | null, turn: HashTurn): Promise<boolean>
}

export interface Secrets {
  /** Returns 160 random bits as 40 hex characters. */
  token(): string
  hash(token: string): Uint8Array
}
