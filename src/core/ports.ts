import type {
  AccountKind,
  Changes,
  DirectSummary,
  HistoryPage,
  ListedRoom,
  Member,
  MemberChange,
  Message,
  MessageId,
  Role,
  Room,
  RoomEvent,
  RoomId,
  RoomKind,
  Seq,
  Standing,
  User,
  UserId,
  UserRef,
} from './model.ts'

/*
 * What the core needs from outside. Each comment is a contract: implementations are held to it by the suites in
 * test/contract. Unless said otherwise a call that fails because its server is away throws ChatError `unavailable`.
 */

// ---- messages -------------------------------------------------------------------------------------------------

/** A message on its way to the database. */
export interface Draft {
  readonly roomId: RoomId
  readonly sender: UserRef
  /** Idempotency key, unique per sender. */
  readonly clientId: string
  readonly kind: string
  readonly body: string
  readonly replyTo: Seq | null
}

/** Drafts grouped by room, rooms ascending; within a room in the order in which they are to be numbered. */
export interface Batch {
  readonly rooms: readonly RoomId[]
  /** Drafts per room, in the order of `rooms`. */
  readonly counts: readonly number[]
  readonly drafts: readonly Draft[]
}

export type Verdict = 'sent' | 'retry' | 'not_member' | 'no_room' | 'key_elsewhere'

/** Parallel to the batch's drafts. Where the verdict is neither `sent` nor `retry`, the draft's other entries mean nothing. */
export interface BatchResult {
  /** null: every draft was `sent`. */
  readonly verdicts: readonly Verdict[] | null
  readonly seqs: readonly Seq[]
  readonly ids: readonly MessageId[]
  readonly at: readonly Date[]
}

export interface MessageLog {
  /**
   * Writes a batch in one transaction that is durable when the promise resolves. Numbers are dense per room and follow
   * the batch's order. Membership is decided here, under the rooms' locks: whoever was removed before is refused.
   * A draft whose (sender, key) was written before, by anyone and at any time, is not written again: its verdict is
   * `retry` and it carries the first result.
   * @param lane which of the `lanes` writes it; at most one batch a lane may be under way
   * @throws ChatError `unavailable`: the outcome is unknown, and repeating the same batch is safe
   * @throws any other error: nothing was written, and the same batch would fail again
   */
  append(lane: number, batch: Batch): Promise<BatchResult>
  /** How many batches may be under way at once; at least 1. */
  readonly lanes: number

  /** Edits (or with body null, deletes) a message under the room's lock. null: it is not there or is deleted already. Throws `StaleFacts`. */
  revise(standing: Standing, actor: UserId, message: Message, body: string | null): Promise<RoomEvent | null>

  message(room: RoomId, at: { seq: Seq } | { id: MessageId }): Promise<Message | null>
  /** The latest page, or the one before, after or around a number; both ends exclusive, except `around`, which is in its page. */
  history(
    room: RoomId,
    where: HistoryWhere,
    limit: number,
    show: { tombstones: boolean },
  ): Promise<HistoryPage>
  /** Messages newest first, without tombstones, from an offset on, and how many there are in all. For contracts that number pages. */
  numberedPage(room: RoomId, offset: number, limit: number): Promise<{ messages: Message[]; count: number }>
  /** What was sent or changed after a number, compacted, up to `limit` events; one consistent reading. null: no such room. */
  changes(room: RoomId, after: Seq, limit: number): Promise<Changes | null>
  /** The rooms' latest numbers; a room that is not there is missing from the answer. */
  heads(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, Seq>>
}

export type HistoryWhere = 'latest' | { before: Seq } | { after: Seq } | { around: Seq }

// ---- rooms and members ----------------------------------------------------------------------------------------

export interface NewRoom {
  readonly name: string
  readonly kind: Exclude<RoomKind, 'direct'>
  readonly creator: UserRef | null
  readonly description: string
  readonly avatar: string
  readonly invited: readonly UserId[]
}

export interface MemberStep {
  readonly change: Exclude<MemberChange, 'invited'>
  readonly actor: UserRef
  readonly actorStanding: Standing
  readonly user: UserRef
  readonly userStanding: Standing
  readonly role: Role | null
}

/** A page of things in the order of their ids. */
export interface PageWanted {
  readonly after: number
  readonly limit: number
}

export interface RoomRegister {
  /** @throws ChatError `conflict` where the name is taken */
  createRoom(room: NewRoom): Promise<Room>
  /** The direct chat of two users; simultaneous calls give one chat, and `made` to one of the callers. */
  openDirect(opener: UserId, other: UserId): Promise<{ room: Room; made: boolean }>
  /** From here on nobody finds the room. Throws `StaleFacts`. */
  deleteRoom(standing: Standing, actor: UserId): Promise<void>

  standing(room: { id: RoomId } | { name: string }, user: UserId | null): Promise<Standing | null>
  publicRooms(page: PageWanted): Promise<Room[]>
  /** The rooms (not direct chats) that the user is a member of, by id. */
  joinedRooms(user: UserId, page: PageWanted): Promise<Room[]>
  /** The rooms (not direct chats) that the user made, is invited to, or came to by an invitation; by id. */
  ownRooms(user: UserId, page: PageWanted): Promise<Room[]>
  /** Every room (not direct chats) that the user may enter, by id. */
  enterableRooms(user: UserId, page: PageWanted): Promise<ListedRoom[]>
  /** The user's direct chats, latest activity first, at most `limit`. */
  directs(user: UserId, limit: number): Promise<DirectSummary[]>
  /** One of the user's direct chats. */
  direct(user: UserId, room: RoomId): Promise<DirectSummary | null>
  members(room: RoomId, page: PageWanted): Promise<Member[]>
  /** The members' read marks; for direct chats, which have two. */
  readMarks(room: RoomId): Promise<ReadonlyMap<UserId, Seq>>

  /** One membership's change, numbered, under the room's lock. Throws `StaleFacts`. */
  setMember(step: MemberStep): Promise<RoomEvent>
  /** Invites whoever is neither a member nor invited; one event each, in the order given. Throws `StaleFacts`. */
  invite(standing: Standing, actor: UserRef, users: readonly UserRef[]): Promise<RoomEvent[]>
  /** Moves a member's read mark forward, never back, and not past the room's last number. null: not a member. */
  markRead(room: RoomId, user: UserId, upTo: Seq): Promise<Seq | null>
}

// ---- users and tokens -----------------------------------------------------------------------------------------

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
  /** By id, without guests; `search` keeps those whose name begins with it, in any case. */
  users(page: PageWanted, search: string): Promise<User[]>
}

export type TokenKind = 'token' | 'ticket'

export interface TokenRegister {
  addToken(hash: Uint8Array, user: UserId, kind: TokenKind, expiresAt: Date): Promise<void>
  /** The owner of a token that has not expired. */
  tokenOwner(hash: Uint8Array): Promise<User | null>
  /** The same for a ticket, which is gone afterwards: of simultaneous calls one succeeds. */
  redeemTicket(hash: Uint8Array): Promise<User | null>
  /** @returns whether it was there */
  removeToken(hash: Uint8Array): Promise<boolean>
}

/** Removes what nobody can see any more: expired tokens, messages of deleted rooms. */
export interface Housekeeping {
  /** Does a bounded piece of work; true where more is left. */
  sweep(): Promise<boolean>
}

export interface Store extends MessageLog, RoomRegister, UserRegister, TokenRegister, Housekeeping {
  /** Resolves where the database answers. */
  ping(): Promise<void>
}

// ---- the rest -------------------------------------------------------------------------------------------------

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

export type LimitScope = 'login_account' | 'login_address' | 'request_address'

/** Counts what a key does in a scope, over all nodes; the scopes' limits are given at construction. */
export interface Limiter {
  /** Takes one. @returns 0, or the milliseconds until the next may be taken, when nothing is taken */
  take(scope: LimitScope, key: string): Promise<number>
  /** Gives one back: what was taken turned out harmless. */
  giveBack(scope: LimitScope, key: string): Promise<void>
}

/** The budget of messages of each user. Synchronous, since it is asked for each message: it may run behind the other nodes by a tenth. */
export interface SendBudget {
  /** Takes one. @returns 0, or the milliseconds until the next may be taken */
  take(user: UserId): number
}

export interface Clock {
  /** Milliseconds since 1970, from the wall clock: for expiry dates, never for order. */
  now(): number
  /** Milliseconds from some moment on, never set back: for deadlines and rates. */
  ticks(): number
  /** Calls back once, after at least `ms`. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}

/** Something of the moment: neither stored nor numbered, lost where nobody listens. */
export type Signal =
  /** A user's first connection to a room, or last one gone. */
  | {
      readonly type: 'arrived' | 'departed'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly at: Date
    }
  | { readonly type: 'room_deleted'; readonly roomId: RoomId }
  | { readonly type: 'token_revoked'; readonly userId: UserId; readonly hash: string }
  | { readonly type: 'read'; readonly roomId: RoomId; readonly user: UserRef; readonly seq: Seq }

/** Carries signals to every node, this one included, best effort and at most once; from one node in the order published. Never throws. */
export interface Signals {
  publish(signal: Signal): void
}

/** Who is connected to which room, over all nodes. */
export interface RoomPresence {
  /** @returns whether it is the user's first connection to the room */
  enter(room: RoomId, user: UserId): Promise<boolean>
  /** @returns whether it was the last one */
  leave(room: RoomId, user: UserId): Promise<boolean>
}
