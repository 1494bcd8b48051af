import type { DescribedEvent, MemberChange, MemberEvent } from '../events/index.ts'
import type {
  AccessFacts,
  DirectSummary,
  Invitation,
  ListedRoom,
  Member,
  OwnMarks,
  Role,
  Room,
  RoomFacts,
  RoomId,
  RoomKind,
  RoomView,
  Seq,
  Snapshot,
  UnreadRoom,
  UserId,
  UserRef,
} from '../model.ts'

export interface NewRoom {
  readonly name: string
  readonly kind: Exclude<RoomKind, 'direct'>
  readonly creator: UserRef | null
  readonly description: string
  readonly avatar: string
  readonly invited: readonly UserId[]
}

export interface MemberStep {
  readonly change: Exclude<MemberChange, 'invited' | 'uninvited'>
  readonly actor: UserRef
  readonly actorAccess: AccessFacts
  readonly user: UserRef
  readonly userAccess: AccessFacts
  readonly role: Role | null
}

export interface UninviteStep {
  readonly actor: UserRef
  readonly actorAccess: AccessFacts
  readonly user: UserRef
  /** Who was believed to have invited the user. */
  readonly invitedBy: UserId
}

/** What a room is to be described as; what is left out stays. */
export interface Description {
  readonly description?: string | undefined
  readonly avatar?: string | undefined
}

/** A list of rooms: those that the user is a member of (direct chats too), is invited to, or all that are public; or direct chats alone. */
export type RoomScope = 'joined' | 'invited' | 'public' | 'direct'

/** Where a member's marks are to move. */
export interface MarksWanted {
  readonly room: RoomId
  readonly user: UserId
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
}

export interface MovedMarks extends OwnMarks {
  /** Whether either mark moved. */
  readonly moved: boolean
  /** How many members the room has. */
  readonly members: number
}

/** A user in a room. */
export interface UserInRoom {
  readonly room: RoomId
  readonly user: UserId
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
  /** From here on nobody finds the room. Throws `WriteConflict`. */
  deleteRoom(access: AccessFacts, actor: UserId): Promise<void>

  accessFacts(room: { id: RoomId } | { name: string }, user: UserId | null): Promise<AccessFacts | null>
  /** The same of many, in one statement; each as of one moment. @returns in the order of `wanted` */
  accessFactsOf(wanted: readonly UserInRoom[]): Promise<(AccessFacts | null)[]>
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
  member(room: RoomId, user: UserId): Promise<Member | null>
  /** By the invited users' ids. */
  invitations(room: RoomId, page: PageWanted): Promise<Invitation[]>
  invitation(room: RoomId, user: UserId): Promise<Invitation | null>
  /** The members' read marks; for direct chats, which have two. */
  readMarks(room: RoomId): Promise<ReadonlyMap<UserId, Seq>>

  /**
   * Changes one membership, numbered, under the room's lock; one event, or two where another's role changes with it.
   * An owner who leaves passes ownership on: to the admin, else to the member, who joined first; to no guest.
   * An owner who makes another the owner becomes an admin. Throws `WriteConflict`.
   */
  setMember(step: MemberStep): Promise<MemberEvent[]>
  /** Invites whoever is neither a member nor invited; one event each, in the order given. Throws `WriteConflict`. */
  invite(access: AccessFacts, actor: UserRef, users: readonly UserRef[]): Promise<MemberEvent[]>
  /** Ends an invitation, numbered, under the room's lock. Throws `WriteConflict`. */
  uninvite(step: UninviteStep): Promise<MemberEvent[]>
  /** Throws `WriteConflict`. */
  describe(access: AccessFacts, actor: UserRef, wanted: Description): Promise<DescribedEvent>
}

/** How rooms stand for a user: each call one statement, so one consistent picture. */
export interface RoomReader {
  view(room: { id: RoomId } | { name: string }, user: UserId): Promise<RoomView | null>
  /** By room id. */
  views(user: UserId, scope: RoomScope, page: PageWanted): Promise<RoomView[]>
  /** Rooms (direct chats too) that the user is a member of and has something to read in, by id. */
  unreadRooms(user: UserId, page: PageWanted): Promise<UnreadRoom[]>
  /**
   * @param messages how many of the latest; there are fewer if they are long
   * @param members the most that are listed
   * @returns no messages and no members to who is no member; null where there is no such room
   */
  snapshot(room: RoomId, user: UserId, messages: number, members: number): Promise<Snapshot | null>
  /**
   * @param members the most whose marks are listed
   * @returns no marks to who is no member; null where there is no such room
   */
  facts(room: RoomId, user: UserId, members: number): Promise<RoomFacts | null>
  /** The same of many, in one statement: one consistent picture of all. @returns in the order of `wanted` */
  factsOf(wanted: readonly UserInRoom[], members: number): Promise<(RoomFacts | null)[]>

  /**
   * Moves members' marks forward, never back, and not past the room's last number; what is read counts as delivered.
   * @param wanted a room and user at most once
   * @returns in the order of `wanted` where the marks stand afterwards; null: not a member
   */
  moveMarks(wanted: readonly MarksWanted[]): Promise<(MovedMarks | null)[]>
}
