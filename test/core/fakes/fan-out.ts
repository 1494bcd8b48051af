import type { FanOut, RoomEvent, RoomId } from '../../../src/core/index.ts'

/** Other nodes; a test decides when they can be reached. */
export class FakeFanOut implements FanOut {
  readonly published: { room: RoomId; events: readonly RoomEvent[] }[] = []
  /** Rooms with listeners, once per listener. */
  readonly listening: RoomId[] = []
  whole = true
  /** The promise that listening waits for. */
  before = async (): Promise<void> => undefined

  publishEvents(room: RoomId, events: readonly RoomEvent[]): void {
    this.published.push({ room, events })
  }

  listen(room: RoomId): Promise<void> {
    this.listening.push(room)
    return this.before()
  }

  forget(room: RoomId): void {
    this.listening.splice(this.listening.indexOf(room), 1)
  }
}
