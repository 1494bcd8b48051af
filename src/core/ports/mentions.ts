import type { Message, MessageId, Seq, UserId, UserRef } from '../model.ts'
import type { UserInRoom } from './rooms.ts'

/** Users who are to be found among a room's members, by id or by name. */
export interface MembersWanted extends Pick<UserInRoom, 'room'> {
  /** Whose message mentions them. */
  readonly sender: UserId
  /** The message that it replies to, whose thread it is in; null if none. */
  readonly replyTo: Seq | null
  readonly users: readonly UserId[]
  /** For each name the keys (`usernameKey`) that it can mean, the best first. */
  readonly names: readonly (readonly string[])[]
}

/** A member who may be told of a mention. */
export interface Addressee {
  readonly user: UserRef
  /** Whether the member wants to be notified now if the sender mentions them in the room. */
  readonly notified: boolean
}

export interface MentionsPage {
  /** Messages with lower ids; null for the latest. */
  readonly before: MessageId | null
  readonly limit: number
}

export interface MentionsFound {
  /** The latest first, without tombstones and without rooms that the user is not in now. May be fewer than there are places for. */
  readonly messages: readonly Message[]
  /** The id before which there may be more; null if there is nothing more. */
  readonly next: MessageId | null
}

/** Finds whom messages mention. What they mention is written with the messages, in the transactions of `MessageLog`. */
export interface MentionFinder {
  /**
   * Returns those of the wanted users who are members of the room now: first those by id, then those by name, each once; in the order of
   * `wanted`, with one statement.
   */
  membersAmong(wanted: readonly MembersWanted[]): Promise<(readonly Addressee[])[]>
  /** Returns a room's members by id, for a message of the user; null if there are more than `limit`. */
  membersOf(sender: UserInRoom, replyTo: Seq | null, limit: number): Promise<readonly Addressee[] | null>
  /**
   * Returns messages that mention the user: by name, by `@online`, and by `@room` since the user joined; the latter in the newest
   * `MOST_OWN_ROOMS` of the user's rooms.
   */
  mentionsOf(user: UserId, page: MentionsPage): Promise<MentionsFound>
}
