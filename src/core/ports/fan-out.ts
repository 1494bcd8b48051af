import type { RoomEvent } from '../events/index.ts'
import type { RoomId } from '../model.ts'

/**
 * Carries committed events to the other nodes: fast, not surely. What does not arrive is found by comparing heads with the
 * database, so nothing here waits or throws.
 */
export interface FanOut {
  /** This node has committed these. In the order of the calls to every node that listens to the room; not to this one. */
  publishEvents(room: RoomId, events: readonly RoomEvent[]): void
  /**
   * Resolves once whatever other nodes commit to the room from now on will be heard, or at once where that can't be had.
   * Paired with `forget`.
   */
  listen(room: RoomId): Promise<void>
  forget(room: RoomId): void
  /** Whether what other nodes commit is being heard; while not, heads are to be compared often. */
  readonly whole: boolean
}
