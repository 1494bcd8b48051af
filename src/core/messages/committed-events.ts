import type { RoomEvent } from '../events/index.ts'
import type { RoomId } from '../model.ts'

/** Where committed events go. */
export interface CommittedEvents {
  /** The epoch of the history, which another one may follow while a batch is written. */
  readonly epoch: string
  /**
   * Takes a room's events, in order; called once a room and batch, within one tick for the whole batch.
   * @param epoch in which they were written
   */
  commit(room: RoomId, events: RoomEvent[], epoch: string): void
}
