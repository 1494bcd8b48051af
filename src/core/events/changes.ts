import type { Seq } from '../model.ts'
import type { RoomEvent } from './event.ts'

/** A stretch of a room's changes, compacted: an edited message appears once, as it is now. */
export interface Changes {
  /** In the order in which a reader at `after` should apply them. */
  readonly events: readonly RoomEvent[]
  /** Everything up to here is contained. Numbers without an event were compacted away, or are of types that this version lacks. */
  readonly head: Seq
  /** The room's number when this was read: if it is higher, more follows after `head`. */
  readonly readAt: Seq
}

/** The numbers after one place up to another, of which some are not told. */
export interface Stretch {
  readonly after: Seq
  readonly to: Seq
}
