/** Threads. Plain data. */

import type { Seq, UserRef } from './ids.ts'

/** The replies to one message, to these, and so on. */
export interface Thread {
  /** The number of the message that begins it. */
  readonly root: Seq
  /** How many replies there are, without deleted ones. */
  readonly replies: number
  /** How many users have written them. */
  readonly participants: number
  /** The first three of them, in the order in which they came to the thread. */
  readonly users: readonly UserRef[]
  /** The latest reply; null if none is left. */
  readonly lastSeq: Seq | null
  readonly lastAt: Date | null
  /** The room's number at which the thread changed last. Of two states of a thread, the one with the higher number is later. */
  readonly changedSeq: Seq
}

/** What a thread is to one user. */
export interface OwnThread {
  readonly root: Seq
  readonly following: boolean
  /** The user has read the thread up to this number. */
  readonly readSeq: Seq
  /** Others' replies after `readSeq`, without deleted ones; of the latest 10,000, and counted up to 1,000. */
  readonly unread: number
  /** Counts the changes of `following` and `readSeq`; 0 before the first. Of two states the one with the higher version is later. */
  readonly version: number
}

/** The threads that some messages begin, by the messages' numbers; without those that nobody has replied to. */
export type Threads = ReadonlyMap<Seq, Thread>
