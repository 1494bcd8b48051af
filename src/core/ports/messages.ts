import type { Changes, MessageEvent } from '../events/index.ts'
import type { AccessFacts, HistoryPage, Message, MessageId, RoomId, Seq, UserId, UserRef } from '../model.ts'

/** A message on its way to the database. */
export interface Draft {
  readonly roomId: RoomId
  readonly sender: UserRef
  /** Idempotency key, unique per sender. */
  readonly clientId: string
  readonly kind: string
  readonly body: string
  readonly replyTo: Seq | null
}

/** Drafts grouped by room, rooms ascending; within a room in the order in which they are to be numbered. */
export interface Batch {
  readonly rooms: readonly RoomId[]
  /** Drafts per room, in the order of `rooms`. */
  readonly counts: readonly number[]
  readonly drafts: readonly Draft[]
}

export type Verdict = 'sent' | 'retry' | 'not_member' | 'no_room' | 'key_elsewhere'

/** Parallel to the batch's drafts. Where the verdict is neither `sent` nor `retry`, the draft's other entries mean nothing. */
export interface BatchResult {
  /** null: every draft was `sent`. */
  readonly verdicts: readonly Verdict[] | null
  readonly seqs: readonly Seq[]
  readonly ids: readonly MessageId[]
  readonly at: readonly Date[]
}

export interface MessageLog {
  /**
   * Writes a batch in one transaction that is durable when the promise resolves. Numbers are dense per room and follow
   * the batch's order. Membership is decided here, under the rooms' locks: whoever was removed before is refused.
   * A draft whose (sender, key) was written before, by anyone and at any time, is not written again: its verdict is
   * `retry` and it carries the first result.
   * @param lane which of the `lanes` writes it; at most one batch a lane may be under way
   * @throws ChatError `unavailable`: the outcome is unknown, and repeating the same batch is safe
   * @throws DamagedData: nothing was written, and parts of the batch may succeed
   * @throws any other error: nothing was written, and the same batch would fail again
   */
  append(lane: number, batch: Batch): Promise<BatchResult>
  /** How many batches may be under way at once; at least 1. */
  readonly lanes: number

  /** Edits (or with body null, deletes) a message under the room's lock. null: it is not there or is deleted already. Throws `WriteConflict`. */
  revise(
    access: AccessFacts,
    actor: UserId,
    message: Message,
    body: string | null,
  ): Promise<MessageEvent | null>

  message(room: RoomId, at: { seq: Seq } | { id: MessageId }): Promise<Message | null>
  /** The latest page, or the one before, after or around a number; both ends exclusive, except `around`, which is in its page. */
  history(
    room: RoomId,
    where: HistoryWhere,
    limit: number,
    show: { tombstones: boolean },
  ): Promise<HistoryPage>
  /** Messages newest first, without tombstones, from an offset on, and how many there are in all. For contracts that number pages. */
  numberedPage(room: RoomId, offset: number, limit: number): Promise<{ messages: Message[]; count: number }>
  /**
   * What was sent or changed after a number, compacted, up to `limit` events, and fewer if their texts are long; one consistent
   * reading. null: no such room.
   */
  changes(room: RoomId, after: Seq, limit: number): Promise<Changes | null>
  /** The rooms' latest numbers; a room that is not there is missing from the answer. */
  heads(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, Seq>>
}

export type HistoryWhere = 'latest' | { before: Seq } | { after: Seq } | { around: Seq }
