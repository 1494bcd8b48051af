import type { Restraint } from '../errors.ts'
import type { Changes, MessageEvent } from '../events/index.ts'
import type {
  AccessFacts,
  DetailsChange,
  HistoryPage,
  Message,
  MessageDetails,
  MessageId,
  RoomId,
  Seq,
  Thread,
  UserId,
  UserRef,
} from '../model.ts'

/** A message on its way to the database. */
export interface Draft {
  readonly roomId: RoomId
  readonly sender: UserRef
  /** Idempotency key, unique per sender. */
  readonly clientId: string
  readonly kind: string
  readonly body: string
  readonly replyTo: Seq | null
  /** null if it has none, as nearly all. */
  readonly details: MessageDetails | null
  /** Whether it is shown in the room; false for a reply that is shown in its thread alone. */
  readonly inRoom: boolean
  /** The members whom its `@online` reaches. Noted with the mentions, but no part of the message. */
  readonly reached?: readonly UserId[]
}

/** Drafts grouped by room, with ascending rooms; in a room in the order of their future numbers. */
export interface Batch {
  readonly rooms: readonly RoomId[]
  /** Drafts per room, in the order of `rooms`. */
  readonly counts: readonly number[]
  readonly drafts: readonly Draft[]
}

/**
 * `no_target`: the room has no message with the number that the draft replies to. `no_attachment`: a file that the draft names is not
 * the sender's own upload to the room, or another message has it. A `Restraint` is why the sender may not post.
 */
export type Verdict =
  | 'sent'
  | 'retry'
  | 'not_member'
  | 'no_room'
  | 'key_elsewhere'
  | 'no_target'
  | 'no_attachment'
  | Exclude<Restraint, 'banned'>

/** One entry per draft of the batch. If a verdict is neither `sent` nor `retry`, the draft's other entries mean nothing. */
export interface BatchResult {
  /** null: every draft was `sent`. */
  readonly verdicts: readonly Verdict[] | null
  readonly seqs: readonly Seq[]
  readonly ids: readonly MessageId[]
  readonly at: readonly Date[]
  /** The messages' details as they were stored; null if they are those of the drafts. */
  readonly details: readonly (MessageDetails | null)[] | null
  /** The threads of replies, each as it is after the reply or a later one of the batch; null if no draft was a reply. */
  readonly threads: readonly (Thread | null)[] | null
  /** Milliseconds until the sender of a draft that was refused as `muted` or `slow_mode` may send; 0 if it is not known. */
  readonly waits?: readonly number[]
}

/** What was sent or changed in a room after a number. */
export interface ChangesWanted {
  readonly room: RoomId
  readonly after: Seq
  /** The most events; at least 1. */
  readonly limit: number
}

export interface MessageLog {
  /**
   * Writes a batch in one transaction, which is durable when the promise resolves. Numbers are dense per room and in the batch's order.
   * Membership, mutes, who may post and slow mode are checked here, under the rooms' locks, so a member who was removed or muted before is
   * refused. A draft whose sender and key
   * were written before, by any node and at any time, is not written again: its verdict is `retry`, with the first result. A reply must
   * name the number of a message in the room, a tombstone included. It belongs to the thread that this message begins or is in. The thread
   * changes in the same transaction, its sender follows it from then on, and so does the author of the message that begins it.
   * @param lane the lane that writes it, below `lanes`; at most one batch per lane may be under way
   * @throws ChatError `unavailable`: the outcome is unknown, and repeating the same batch is safe
   * @throws DamagedData: nothing was written, and parts of the batch may succeed
   * @throws any other error: nothing was written, and the same batch would fail again
   */
  append(lane: number, batch: Batch): Promise<BatchResult>
  /** How many batches may be under way at once; at least 1. */
  readonly lanes: number

  /**
   * Edits a message, or deletes it if `body` is null, under the room's lock. A deleted message has no details, and a deleted reply leaves
   * its thread.
   * @param details null if they stay as they are, as if they are left out
   * @param reached the members whom its `@online` reaches; left out if those of its former form stay
   * @param asRead whether `body` is the text of `message`: then a WriteConflict tells that the message has changed since it was read
   * @returns null if there is no such message or it is deleted already
   * @throws WriteConflict; ChatError `forbidden` with a `Restraint` for an editor who may not post
   */
  revise(
    access: AccessFacts,
    actor: UserId,
    message: Message,
    body: string | null,
    details?: DetailsChange | null,
    reached?: readonly UserId[] | null,
    asRead?: boolean,
  ): Promise<MessageEvent | null>

  message(room: RoomId, at: { seq: Seq } | { id: MessageId }): Promise<Message | null>
  /** Returns the latest page, or the page before, after or around a number. Only `around` includes the number's own message. */
  history(room: RoomId, where: HistoryWhere, limit: number, show: HistoryShown): Promise<HistoryPage>
  /** Returns messages without tombstones, newest first, from an offset on, and the count of all. For contracts with numbered pages. */
  numberedPage(room: RoomId, offset: number, limit: number): Promise<{ messages: Message[]; count: number }>
  /**
   * What was sent or changed after a number, compacted, up to `limit` events, and fewer if their texts are long; one consistent
   * reading. null: no such room.
   */
  changes(room: RoomId, after: Seq, limit: number): Promise<Changes | null>
  /** Returns the same for many, in the order of `wanted`, with one statement. */
  changesOf(wanted: readonly ChangesWanted[]): Promise<(Changes | null)[]>
  /** Returns the rooms' latest numbers; without rooms that do not exist. */
  heads(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, Seq>>
}

export interface HistoryShown {
  readonly tombstones: boolean
  /** To whom reactions, threads and pins are shown; left out if they are not. */
  readonly viewer?: UserId
}

export type HistoryWhere = 'latest' | { before: Seq } | { after: Seq } | { around: Seq }
