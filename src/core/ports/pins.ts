import type { PinEvent } from '../events/index.ts'
import type { AccessFacts, Message, Pin, RoomId, Seq, UserRef } from '../model.ts'

/** `done`: it is as was wanted, now or already. `too_many`: the room has as many pinned messages as a room may have. */
export type PinVerdict = 'done' | 'no_message' | 'too_many'

export interface PinWritten {
  readonly verdict: PinVerdict
  /** null if nothing has changed. */
  readonly event: PinEvent | null
  /** The room's number afterwards. */
  readonly head: Seq
}

/** A message in the list of those that are pinned. */
export interface PinnedMessage {
  readonly message: Message
  readonly pin: Pin
  /** The number of the event that pinned it. */
  readonly pinnedSeq: Seq
}

/** The pinned messages of rooms. `MessageLog.revise` unpins a message that it deletes. */
export interface PinLog {
  /**
   * Pins a message or unpins it, in one transaction under the room's lock, which is durable when the promise resolves. Repeating it is safe.
   * @param most the most pinned messages of a room
   * @throws WriteConflict; ChatError `not_found` if there is no such room, `forbidden` with a `Restraint` for someone who may not post,
   * `unavailable`: the outcome is unknown
   */
  pin(access: AccessFacts, actor: UserRef, message: Seq, on: boolean, most: number): Promise<PinWritten>

  /** Returns the pinned messages of a room, the latest pinned first. @param before only those with a lower `pinnedSeq`; null for all */
  pinned(room: RoomId, before: Seq | null, limit: number): Promise<PinnedMessage[]>
}
