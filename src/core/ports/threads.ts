import type { HistoryPage, Message, OwnThread, RoomId, Seq, Thread, UserId } from '../model.ts'
import type { HistoryWhere } from './messages.ts'

export interface ThreadWanted {
  readonly room: RoomId
  /** The number of any message of the thread. */
  readonly message: Seq
  readonly viewer: UserId
  readonly tombstones: boolean
}

/** A page of the replies in a thread, oldest first. */
export interface ThreadPage {
  /** The message that begins it, or its tombstone. */
  readonly message: Message
  /** null if nobody has replied. */
  readonly thread: Thread | null
  readonly own: OwnThread
  /** `reactions` and `pins` have those of `message`, too. */
  readonly page: HistoryPage
}

/** A thread in the list of those that a user follows. */
export interface FollowedThread {
  readonly message: Message
  readonly thread: Thread | null
  readonly own: OwnThread
}

/** What follows from a user's wish about a thread. */
export type ThreadChange =
  | {
      readonly verdict: 'done'
      readonly own: OwnThread /** Whether it was otherwise before. */
      readonly changed: boolean
    }
  | { readonly verdict: 'not_member' | 'no_message' }

/**
 * Threads, as their users see them. `MessageLog` writes them: a reply and its thread change in one transaction. What a user follows and has
 * read is the user's own, so it takes no number of the room. `version` orders it.
 */
export interface ThreadLog {
  /**
   * Returns a page of the replies in a thread, with the message that begins it and what the thread is to the viewer; null if there is no such
   * message, or no room. One consistent reading.
   * @param where which replies, as in `MessageLog.history`
   */
  thread(wanted: ThreadWanted, where: HistoryWhere, limit: number): Promise<ThreadPage | null>
  /** Lets a member follow a thread, or stop to. Does nothing if it is so already. A user who begins has read what is there. */
  followThread(user: UserId, room: RoomId, message: Seq, following: boolean): Promise<ThreadChange>
  /** Moves the mark up to which a member has read a thread: forward, and not past the room's last number. */
  readThread(user: UserId, room: RoomId, message: Seq, readSeq: Seq): Promise<ThreadChange>
  /**
   * Returns the threads that a user follows in the rooms that they are a member of, the one with the latest reply first; of the newest
   * `MOST_FOLLOWED`.
   * @param page how many of them are passed over, and the most that are returned
   */
  followedThreads(user: UserId, page: { skip: number; limit: number }): Promise<FollowedThread[]>
}
