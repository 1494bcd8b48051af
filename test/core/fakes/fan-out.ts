import type { FanOut, RoomEvent, RoomId } from '../../../src/core/index.ts'

/** Other nodes, of whom a test decides when they can be heard. */
export class FakeFanOut implements FanOut {
  readonly published: { room: RoomId; events: readonly RoomEvent[] }[] = []
  /** Rooms that are listened to, as often as they are. */
  readonly listening: RoomId[] = []
  whole = true
  /** What listening waits for. */
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
