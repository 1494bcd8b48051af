import type { RoomEvent } from '../events/index.ts'
import type { RoomId } from '../model.ts'

/**
 * Carries committed events to the other nodes: fast, but best effort. What is lost is found by comparing heads with the database, so
 * nothing here waits or throws.
 */
export interface FanOut {
  /** Publishes events that this node has committed, in the order of the calls, to every other node that listens to the room. */
  publishEvents(room: RoomId, events: readonly RoomEvent[]): void
  /**
   * Listens to a room. Resolves once all that other nodes commit from now on will arrive, or at once if that is not possible. Paired
   * with `forget`.
   */
  listen(room: RoomId): Promise<void>
  forget(room: RoomId): void
  /** Whether events of other nodes arrive. While they do not, heads must be compared often. */
  readonly whole: boolean
}
