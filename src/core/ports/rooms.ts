import type {
  DirectSummary,
  ListedRoom,
  Member,
  MemberChange,
  Role,
  Room,
  RoomEvent,
  RoomId,
  RoomKind,
  Seq,
  Standing,
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
