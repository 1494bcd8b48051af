import type { SendHandle } from '../outbox/index.ts'
import type { RoomSnapshot } from '../view/index.ts'
import type { Revised, Seq } from '../wire.ts'

/** A room, followed while it is open. `subscribe`, `getSnapshot` and `getServerSnapshot` are what React's `useSyncExternalStore` takes. */
export interface RoomView {
  readonly id: number
  /**
   * Follows the room from now on, through every loss of the connection: from where the view is, or with its latest messages
   * if there is none yet. Resolves once it is live; rejects with a `ParleyError` if the user may not hear it.
   *
   * Several parts of a program can open the same room: it is followed until each of them has closed it. A part that opened it
   * closes it once, also after `open` has rejected.
   * @param options `limit`: messages to begin with, 0 to 200, 50 by default; ignored while the room is open
   */
  open(options?: { limit?: number }): Promise<void>
  /** Takes back one `open`. The last one stops following; what is shown stays, and `open` goes on from there. */
  close(): void
  /** The same object until something has changed. */
  getSnapshot(): RoomSnapshot
  /** The view before anything has come, always the same: what a server renders, and a browser until it has taken that over. */
  getServerSnapshot(): RoomSnapshot
  /** Calls `listener` after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void
  /** Sends a message: now, or whenever there is a connection, whatever happens in between. */
  send(body: string, options?: { kind?: string; replyTo?: Seq }): SendHandle
  /** Takes a message that has failed out of `pending`. */
  dismiss(clientId: string): void
  edit(seq: Seq, body: string): Promise<Revised>
  delete(seq: Seq): Promise<Revised>
  /** Moves the own read mark forward, to the end of what is shown by default. Calls are gathered, and kept while offline. */
  read(seq?: Seq): void
  /** Says that the user types: to be called with every key. Ends by itself, and with a send. */
  typing(typing: boolean): void
  /**
   * Puts messages before those that are shown, 50 by default, at most 200. Resolves to whether there are more. They stay when
   * newer ones come, beyond `maxMessages`, too.
   */
  loadOlder(limit?: number): Promise<boolean>
}
