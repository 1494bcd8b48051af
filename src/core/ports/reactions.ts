import type { ReactionEvent } from '../events/index.ts'
import type { RoomId, Seq, UserId, UserReaction } from '../model.ts'

/** A reaction to add or to remove. */
export interface ReactionWanted {
  /** The number of the message. */
  readonly message: Seq
  readonly user: UserId
  /** As `reactionName` returns it. */
  readonly reaction: string
  readonly on: boolean
}

/**
 * `changed`: written, and told by an event. `same`: it was so already. `too_soon`: the last event about the message is too recent, and
 * nothing was done. `too_many`: the user has as many reactions to the message as a user may have. `too_many_kinds`: the message has as
 * many different ones.
 */
export type ReactionVerdict =
  | 'changed'
  | 'same'
  | 'not_member'
  | 'no_message'
  | 'too_many'
  | 'too_many_kinds'
  | 'too_soon'
  | 'muted'
  | 'blocked'

export interface ReactionsWritten {
  /** In the order of what was wanted. */
  readonly verdicts: readonly ReactionVerdict[]
  /** One for each message that was changed, in the order of their numbers. */
  readonly events: readonly ReactionEvent[]
  /** Milliseconds after which what is `too_soon` may be repeated, by message. */
  readonly waits: ReadonlyMap<Seq, number>
  /** The room's number afterwards. */
  readonly head: Seq
}

export interface ReactionBounds {
  /** The least number of milliseconds between two events about one message, over all nodes. */
  readonly windowMs: number
  /** The most reactions of one user to a message. */
  readonly own: number
  /** The most different reactions to a message. */
  readonly kinds: number
}

export interface ReactionLog {
  /**
   * Adds and removes reactions in one room, in one transaction, which is durable when the promise resolves. All that is changed of a
   * message makes one event. Membership is checked here, under the room's lock, so a member who was removed before is refused.
   * Repeating it is safe.
   * @param wanted at most one for each message, user and reaction
   * @throws ChatError `not_found` if there is no such room; `unavailable`: the outcome is unknown
   */
  react(room: RoomId, wanted: readonly ReactionWanted[], bounds: ReactionBounds): Promise<ReactionsWritten>

  /**
   * Returns who reacts to a message, in the order of their reactions' ids, after one of them.
   * @param reaction null for all
   */
  reactionsTo(
    room: RoomId,
    message: Seq,
    reaction: string | null,
    page: { readonly after: number; readonly limit: number },
  ): Promise<UserReaction[]>
}
