import type { DescribedEvent, MemberChange, MemberEvent } from '../events/index.ts'
import type {
  AccessFacts,
  DirectSummary,
  Invitation,
  JsonText,
  ListedRoom,
  Member,
  OwnMarks,
  RecentRoom,
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
import type { MembershipNumber } from './memberships.ts'

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

/** Changes of memberships in one room. */
export interface MembersChanged {
  readonly events: readonly MemberEvent[]
  /** The own number of each event's user (`MembershipLog`), in the order of `events`. */
  readonly numbers: readonly Seq[]
}

export interface UninviteStep {
  readonly actor: UserRef
  readonly actorAccess: AccessFacts
  readonly user: UserRef
  /** The inviter, as the caller read it. */
  readonly invitedBy: UserId
}

/** Changes of a room's description; what is left out stays. */
export interface Description {
  readonly description?: string | undefined
  readonly avatar?: string | undefined
  /** null removes it. */
  readonly metadata?: JsonText | null | undefined
}

/** A list of rooms: those that the user is a member of, direct chats included; those that the user is invited to; all public ones; direct chats only. */
export type RoomScope = 'joined' | 'invited' | 'public' | 'direct'

/** The numbers to move a member's marks to. */
export interface MarksWanted {
  readonly room: RoomId
  readonly user: UserId
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
}

export interface MovedMarks extends OwnMarks {
  /** How far the member has read, as others are shown: `readSeq` is less if the member has marked messages as unread. */
  readonly shownReadSeq: Seq
  /** Whether the mark that others are shown moved, or the delivered one. */
  readonly moved: boolean
  /** The user's own number (`PrivateLog`) of the move, if the own mark was behind and moved; else null. */
  readonly number: Seq | null
  /** How many members the room has. */
  readonly members: number
}

/** A member's own marks after messages were marked as unread. */
export interface MarkedUnread extends OwnMarks {
  /** The user's own number (`PrivateLog`) of the change; null if nothing was changed. */
  readonly number: Seq | null
}

/** A user in a room. */
export interface UserInRoom {
  readonly room: RoomId
  readonly user: UserId
}

/** What a user sees of a room at first. */
export interface SnapshotWanted extends UserInRoom {
  /** How many of the latest messages. */
  readonly messages: number
}

/** A page in the order of ids. */
export interface PageWanted {
  readonly after: number
  readonly limit: number
}

export interface RoomRegister {
  /**
   * Creates a room. The name must be one that `roomNameOf` returns. It is taken if the creator may see a room whose name has the same
   * `roomKey`, or a public room's name looks like it and one of them is not ASCII. Of simultaneous calls one takes a name.
   * @returns with the own numbers of the creator, if there is one, and of the invited users
   * @throws ChatError `conflict` if the name is taken
   */
  createRoom(room: NewRoom): Promise<{ room: Room; numbers: readonly Seq[] }>
  /**
   * Returns the direct chat of two users, and creates it if it is missing. Simultaneous calls return the same chat, one of them with
   * `made` and the own numbers of the two users.
   */
  openDirect(opener: UserId, other: UserId): Promise<{ room: Room; made: boolean; numbers: readonly Seq[] }>
  /** Deletes a room: from then on nobody finds it. Returns who was a member or invited. @throws WriteConflict */
  deleteRoom(access: AccessFacts, actor: UserId): Promise<readonly MembershipNumber[]>

  /**
   * Returns a room and what the user is to it; null if there is no such room. A name is compared as `roomKey` has it. Of several rooms
   * it means one that the user may see, and of those first the one that is spelled exactly so, then one that the user is in, then the
   * oldest.
   */
  accessFacts(room: { id: RoomId } | { name: string }, user: UserId | null): Promise<AccessFacts | null>
  /** Returns the same for many, in the order of `wanted`, with one statement. */
  accessFactsOf(wanted: readonly UserInRoom[]): Promise<(AccessFacts | null)[]>
  publicRooms(page: PageWanted): Promise<Room[]>
  /** Returns the rooms, without direct chats, that the user is a member of, by id. */
  joinedRooms(user: UserId, page: PageWanted): Promise<Room[]>
  /** Returns the rooms, without direct chats, that the user created, is invited to, or joined by an invitation; by id. */
  ownRooms(user: UserId, page: PageWanted): Promise<Room[]>
  /** Returns the rooms, without direct chats, that the user may enter, by id. */
  enterableRooms(user: UserId, page: PageWanted): Promise<ListedRoom[]>
  /** Returns the user's direct chats, latest activity first, at most `limit`. */
  directs(user: UserId, limit: number): Promise<DirectSummary[]>
  /** Returns one of the user's direct chats; null if there is no such one. */
  direct(user: UserId, room: RoomId): Promise<DirectSummary | null>
  members(room: RoomId, page: PageWanted): Promise<Member[]>
  member(room: RoomId, user: UserId): Promise<Member | null>
  /** Returns the invitations to a room, by the invited users' ids. */
  invitations(room: RoomId, page: PageWanted): Promise<Invitation[]>
  invitation(room: RoomId, user: UserId): Promise<Invitation | null>
  /** Returns the members' read marks. For direct chats, which have two members. */
  readMarks(room: RoomId): Promise<ReadonlyMap<UserId, Seq>>

  /**
   * Changes one membership under the room's lock. Makes one event, or two if another member's role changes with it. If the owner
   * leaves, the admin who joined first becomes the owner, else the member who joined first; never a guest. An owner who makes another
   * member the owner becomes an admin. Someone who was removed does not join without an invitation.
   * @throws WriteConflict; ChatError `forbidden` for someone who was removed and joins uninvited
   */
  setMember(step: MemberStep): Promise<MembersChanged>
  /**
   * Invites those of the users who are neither members nor invited; one event each, in the order given.
   * @throws WriteConflict; ChatError `forbidden` if the actor is a plain member and one of the users was removed from the room
   */
  invite(access: AccessFacts, actor: UserRef, users: readonly UserRef[]): Promise<MembersChanged>
  /** Ends an invitation under the room's lock, with an event. @throws WriteConflict */
  uninvite(step: UninviteStep): Promise<MembersChanged>
  /** Changes the description of a room. @throws WriteConflict */
  describe(access: AccessFacts, actor: UserRef, wanted: Description): Promise<DescribedEvent>
}

/** Reads rooms as one user sees them. Each call is one statement, so it sees one snapshot of the database. */
export interface RoomReader {
  view(room: { id: RoomId } | { name: string }, user: UserId): Promise<RoomView | null>
  /** Returns a page of a list of rooms, by id. */
  views(user: UserId, scope: RoomScope, page: PageWanted): Promise<RoomView[]>
  /**
   * Returns the rooms whose names begin with a text, whatever their case, by name: public ones, and of those that the user is a member of
   * the newest `MOST_OWN_ROOMS`. @param limit the most rooms
   */
  roomsNamed(user: UserId, prefix: string, limit: number): Promise<RoomView[]>
  /**
   * Returns the rooms that the user is a member of, direct chats included, the one with the latest message first; of the newest
   * `MOST_OWN_ROOMS`. @param page how many of them are passed over, and the most that are returned
   */
  recentRooms(user: UserId, page: { skip: number; limit: number }): Promise<RecentRoom[]>
  /** Returns the rooms, direct chats included, in which the user is a member and has unread messages, by id. */
  unreadRooms(user: UserId, page: PageWanted): Promise<UnreadRoom[]>
  /**
   * Returns a room with its latest messages and its members; without either for non-members. null if there is no such room.
   * @param messages how many of the latest messages; fewer are returned if they are long
   * @param members the most members that are listed
   */
  snapshot(room: RoomId, user: UserId, messages: number, members: number): Promise<Snapshot | null>
  /** Returns the same for many, in the order of `wanted`, with one statement. */
  snapshotsOf(wanted: readonly SnapshotWanted[], members: number): Promise<(Snapshot | null)[]>
  /**
   * Returns what a member who has a room's messages needs besides them; without marks for non-members. null if there is no such room.
   * @param members the most members whose marks are listed
   */
  facts(room: RoomId, user: UserId, members: number): Promise<RoomFacts | null>
  /** Returns the same for many, in the order of `wanted`, with one statement. */
  factsOf(wanted: readonly UserInRoom[], members: number): Promise<(RoomFacts | null)[]>

  /**
   * Moves members' marks forward, never back, and not past the room's last number. What is read counts as delivered.
   * @param wanted each room and user at most once
   * @returns the marks afterwards, in the order of `wanted`; null for non-members
   */
  moveMarks(wanted: readonly MarksWanted[]): Promise<(MovedMarks | null)[]>
  /**
   * Marks a member's messages from a number on as unread, in the member's own eyes: `readSeq` in what the member reads of themselves, and
   * a private entry. Others are shown the same marks as before, and the delivered mark stays. Does nothing if these messages are unread.
   * @returns null for a non-member
   */
  markUnread(room: RoomId, user: UserId, from: Seq): Promise<MarkedUnread | null>
}
