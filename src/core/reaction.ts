/** Reactions to messages. Plain data. */

import type { Seq, UserRef } from './ids.ts'

/** How many users react to a message in one way, and who. */
export interface Reaction {
  /** An emoji, or a short word. */
  readonly reaction: string
  readonly count: number
  /** The first of them, at most three. */
  readonly users: readonly UserRef[]
}

/** The reactions to one message, in the order in which they were first used. */
export type Reactions = readonly Reaction[]

/** A reaction as one viewer sees it. */
export interface SeenReaction extends Reaction {
  /** Whether the viewer is among the users. */
  readonly own: boolean
}

/** The reactions to some messages, by the messages' numbers; without those that have none. */
export type SeenReactions = ReadonlyMap<Seq, readonly SeenReaction[]>

/** One user's reaction to a message. */
export interface UserReaction {
  /** Ascends with time, over all messages. */
  readonly id: number
  readonly user: UserRef
  readonly reaction: string
  readonly at: Date
}
