import type { UploadOptions } from '../api/index.ts'
import type { SendHandle } from '../outbox/index.ts'
import type { RoomSnapshot } from '../view/index.ts'
import type { LinkedAttachment, Marked, Metadata, Pinned, Reacted, Revised, Seq, Told } from '../wire.ts'
import type { EditOptions, SendOptions } from './send-options.ts'
import type { ThreadView } from './thread-view-type.ts'

/** A room, followed while it is open. `subscribe`, `getSnapshot` and `getServerSnapshot` are what React's `useSyncExternalStore` takes. */
export interface RoomView {
  readonly id: number
  /**
   * Follows the room from now on, through every loss of the connection: from the view's position, or with the latest messages
   * if there is none yet. Resolves once it is live; rejects with a `ParleyError` if the user may not read the room.
   *
   * Several parts of a program can open the same room: it is followed until each of them has closed it. A part that opened it
   * closes it once, also after `open` has rejected.
   * @param options `limit`: messages to begin with, 0 to 200, 50 by default; ignored while the room is open
   */
  open(options?: { limit?: number }): Promise<void>
  /** Ends one `open`. The last one stops following; the view keeps its content, and `open` continues from there. */
  close(): void
  /** Returns the same object until something changes. */
  getSnapshot(): RoomSnapshot
  /** Returns the empty view, always the same object. It is for rendering on a server, and for a browser until it has hydrated. */
  getServerSnapshot(): RoomSnapshot
  /** Calls `listener` after every change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void
  /**
   * Sends a message now, or once there is a connection, and retries until the server has stored or refused it.
   * @param options `replyTo`: the number of the message that it answers, whose thread it belongs to. `inRoom: false` shows such a reply
   * in its thread alone. `metadata`: a JSON object for other clients, at most 4,096 bytes. `attachments`: up to ten ids that `upload`
   * gave; the text may be empty with them. `mentions`: whom it mentions, in place of what the text says
   */
  send(body: string, options?: SendOptions): SendHandle
  /** Uploads a file to the room, to be sent with a message within an hour. Needs no `open`, and is not repeated by itself. */
  upload(file: Blob, options?: UploadOptions): Promise<LinkedAttachment>
  /**
   * Says something to one member alone, now and once: it is not stored. Resolves to whether the member is online. It comes to their clients
   * as an event of type `ephemeral`.
   */
  tell(user: number, body: string, options?: { kind?: string; metadata?: Metadata }): Promise<Told>
  /** Removes a failed message from `pending`. */
  dismiss(clientId: string): void
  /**
   * @param body the new text; undefined keeps the present one, and it may be empty if the message has attachments
   * @param options `metadata` replaces the message's, and null removes it; without it the metadata stays. `mentions` as in `send`
   */
  edit(seq: Seq, body: string | undefined, options?: EditOptions): Promise<Revised>
  delete(seq: Seq): Promise<Revised>
  /**
   * Adds one of the user's reactions to a message, or removes it. The view shows it at once, and takes it back if the server refuses
   * it. A call may be repeated.
   */
  react(seq: Seq, reaction: string, on: boolean): Promise<Reacted>
  /**
   * Pins a message for everyone in the room, or unpins it; for the owner and the admins, and both users of a direct chat. `pinned` of the
   * message in the view shows it with the server's event. A call may be repeated.
   */
  pin(seq: Seq, on: boolean): Promise<Pinned>
  /** Moves the user's read mark forward, by default to the last message shown. Calls are batched, and kept while offline. */
  read(seq?: Seq): void
  /**
   * Marks the messages from a number on as unread, for the user alone, on all of their devices, until they are read again. `client.own` tells
   * the others.
   */
  markUnread(seq: Seq): Promise<Marked>
  /** Reports that the user is typing; call it with every key. It ends by itself, and with a send. */
  typing(typing: boolean): void
  /**
   * Adds older messages, 50 by default, at most 200. Resolves to whether there are more. They stay when newer ones arrive,
   * even past `maxMessages`.
   */
  loadOlder(limit?: number): Promise<boolean>
  /**
   * Returns the view of a thread: the same object each time. It is kept as long as the room is.
   * @param seq the number of any message of the thread
   */
  thread(seq: Seq): ThreadView
}
