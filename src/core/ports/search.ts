import type { Message, MessageId, RoomId, Seq, UserId } from '../model.ts'

/** A message that the index of the search lacks. */
export interface Unindexed {
  readonly id: MessageId
  readonly version: Seq | null
  readonly body: string
}

/** Messages to index, and what the store needs to know them by. */
export interface IndexWork {
  readonly messages: readonly Unindexed[]
  /** Ranges of the queue that are done once the messages are indexed, and those of which more is left. */
  readonly done: readonly number[]
  readonly open: readonly number[]
}

export interface MessagesWanted {
  readonly user: UserId
  /** The messages have all of these grams, and one of each of `some`, which has at most two entries. */
  readonly grams: readonly number[]
  readonly some: readonly (readonly number[])[]
  readonly room: RoomId | null
  readonly sender: UserId | null
  /** Whether only messages with files are wanted. */
  readonly files: boolean
  /** Sent then or later, and before; null for no bound. A few seconds more are returned on either side. */
  readonly from: Date | null
  readonly until: Date | null
  /** Only messages with lower ids; null for the first page. */
  readonly below: MessageId | null
  /** The most messages. Fewer are returned if they are long, or hard to find. */
  readonly limit: number
}

export interface MessagesFound {
  /** The newest first. Their words may lack what the grams stand for: the caller compares them. */
  readonly messages: readonly Message[]
  /** Where to go on; null if there is nothing more. */
  readonly below: MessageId | null
}

/**
 * Finds messages by grams (`core/search/grams.ts`). An appended message is found once it is indexed, which the caller does; nodes may do it
 * at the same time. An edited or deleted message is no longer found when the edit or the deletion is acknowledged; after an edit it has
 * to be indexed again, which is asked for as for a new one.
 */
export interface SearchIndex {
  /**
   * Returns messages that are to be indexed, the newest first, and claims them for some time, after which they are returned again, here
   * or elsewhere. null: there are none.
   */
  unindexed(): Promise<IndexWork | null>
  /** Indexes them; those that were edited or deleted meanwhile are left out. @param grams of each message */
  index(work: IndexWork, grams: readonly (readonly number[])[]): Promise<void>
  /**
   * Returns messages of public rooms, and of rooms that the user is a member of, when the call begins. Each call does a bounded amount
   * of work, so a page may be short, or empty, with more to come.
   */
  findMessages(wanted: MessagesWanted): Promise<MessagesFound>
}
