import type {
  Ending,
  JsonText,
  Message,
  Posting,
  Reactions,
  Role,
  RoomId,
  Seq,
  UserId,
  UserRef,
} from '../model.ts'

/**
 * What events tell, by their types. A type is added here first; the compiler then names each table that has no entry for it
 * (`src/README.md`, "Adding an event").
 */
interface Facts
  extends Readonly<
    Record<MessageChange, OfMessage> & Record<MemberChange, OfMember> & Record<RestraintChange, OfRestraint>
  > {
  /** A room's description, avatar or metadata was changed. */
  readonly described: OfRoom
  /** Who may post, or how often, was changed. */
  readonly rules: OfRules
  /** Reactions to a message were added or removed. */
  readonly reaction: OfReactions
  /** A message was pinned or unpinned. Its deletion unpins it without such an event. */
  readonly pin: OfPin
}

/** What happens to a message. */
export type MessageChange = 'message' | 'edited' | 'deleted'

/**
 * What happens to a membership or to an invitation. `removed`: others ended it. `uninvited`: an invitation was withdrawn by
 * others, or declined by the invited user. `role`: a member has another role.
 */
export type MemberChange = 'joined' | 'left' | 'removed' | 'invited' | 'uninvited' | 'role'

/** What the staff does to a user. Banning a member ends the membership first, by an event of its own (`removed`). */
export type RestraintChange = 'banned' | 'unbanned' | 'muted' | 'unmuted'

interface OfMessage {
  /** As it is after the change. */
  readonly message: Message
}

interface OfMember {
  readonly user: UserRef
  readonly actor: UserRef
  /** The role after the change; null if the user is not a member after it. */
  readonly role: Role | null
  readonly at: Date
}

interface OfRoom {
  readonly actor: UserRef
  /** All three are what the room has when the event is read: a later change may be in them already. */
  readonly description: string
  readonly avatar: string
  readonly metadata: JsonText | null
  readonly at: Date
}

/** `until`: of the ban or mute that was set; null if it has no end, or was lifted. */
interface OfRestraint extends Ending {
  readonly user: UserRef
  readonly actor: UserRef
  readonly at: Date
}

interface OfRules {
  readonly actor: UserRef
  readonly posting: Posting
  readonly slowMode: number
  readonly at: Date
}

interface OfReactions {
  /** The number of the message. */
  readonly message: Seq
  /** All reactions to it, as they are after the event. Read later, they may be as they are by then. */
  readonly reactions: Reactions
  /** What this event has changed, or this event and those that it replaces: who added and who removed each reaction, in the end. */
  readonly changed: readonly ReactionChange[]
  readonly at: Date
}

interface OfPin {
  /** The number of the message. */
  readonly message: Seq
  /** Whether it is pinned after the event. */
  readonly on: boolean
  readonly actor: UserRef
  readonly at: Date
}

/** Who has begun and who has stopped to react in one way. */
export interface ReactionChange {
  readonly reaction: string
  readonly added: readonly UserId[]
  readonly removed: readonly UserId[]
}

export type EventType = keyof Facts

/** The event of a type; of several types, their union. */
export type EventOf<T extends EventType> = {
  readonly [K in T]: {
    readonly type: K
    readonly roomId: RoomId
    /** The change's own number, whatever message it concerns. */
    readonly seq: Seq
  } & Facts[K]
}[T]

/** A durable, numbered change in a room. */
export type RoomEvent = EventOf<EventType>
export type MessageEvent = EventOf<MessageChange>
export type MemberEvent = EventOf<MemberChange>
export type DescribedEvent = EventOf<'described'>
export type ReactionEvent = EventOf<'reaction'>
export type RestraintEvent = EventOf<RestraintChange>
export type RulesEvent = EventOf<'rules'>
export type PinEvent = EventOf<'pin'>

/** A function for each type of event. */
export type PerType<Result> = { readonly [T in EventType]: (event: EventOf<T>) => Result }

/** Calls the table's function for the event's type. */
export function perType<T extends EventType, Result>(table: PerType<Result>, event: EventOf<T>): Result {
  return table[event.type](event)
}
