import type { SendHandle } from '../outbox/index.ts'
import type { Pending, RoomStatus } from '../view/index.ts'
import type { Message, OwnThread, Seq } from '../wire.ts'
import type { SendOptions } from './send-options.ts'

/** A thread at one moment. Immutable: every change makes a new object. */
export interface ThreadSnapshot {
  /** That of the room. */
  readonly status: RoomStatus
  /** The message that begins the thread, with its `thread`; null until the thread was read for the first time. */
  readonly root: Message | null
  /** The latest replies, oldest first and without a gap. Deleted ones are included, with `deleted_at`. */
  readonly replies: readonly Message[]
  /** Whether there are older replies for `loadOlder`. */
  readonly hasOlder: boolean
  /** The user's replies that are not in `replies` yet. */
  readonly pending: readonly Pending[]
  readonly following: boolean
  readonly readSeq: Seq
  /** Replies of others after `readSeq`; 1,000 stands for 1,000 or more. At least so many, if not all of them are shown. */
  readonly unread: number
}

/** One thread of a room, followed while it is open, on the view of the room. */
export interface ThreadView {
  /**
   * Follows the thread from now on, and the room with it. Resolves once the latest replies are there; rejects with a `ParleyError` if the user
   * may not read the room, or there is no such message.
   */
  open(): Promise<void>
  /** Ends one `open`, also one that was rejected. */
  close(): void
  /** Returns the same object until something changes. */
  getSnapshot(): ThreadSnapshot
  /** Returns the empty view, always the same object. */
  getServerSnapshot(): ThreadSnapshot
  /** Calls `listener` after every change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void
  /** Adds older replies, 50 by default, at most 200. Resolves to whether there are more. */
  loadOlder(limit?: number): Promise<boolean>
  /** Sends a reply, as `send` of the room does. */
  send(body: string, options?: SendOptions): SendHandle
  /** Follows the thread for the user, on all devices, or stops to. */
  follow(on: boolean): Promise<OwnThread>
  /** Moves the user's mark in the thread forward, by default to the last reply shown. */
  read(seq?: Seq): Promise<OwnThread>
}
