import {
  Feed,
  type FeedRoom,
  type RoomEvent,
  type RoomId,
  type SeenChange,
  type Seq,
  type Stretch,
} from '../../../src/core/index.ts'
import { FakeClock } from './clock.ts'
import { FakeFanOut } from './fan-out.ts'
import { RoomModel } from './room-model.ts'
import { seq } from './values.ts'

/** A feed of one room over the room's model, with everything it has delivered. */
export class FeedRig {
  readonly model = new RoomModel()
  readonly clock = new FakeClock()
  readonly delivered: RoomEvent[] = []
  /** Also receives what is delivered. */
  onDeliver: (events: readonly RoomEvent[], stretch: Stretch | null) => void = () => undefined
  /** Rooms that the feed has found gone. */
  readonly gone: RoomId[] = []
  readonly fanOut = new FakeFanOut()
  /** Changes that the feed has found contradicted. */
  readonly suspected: SeenChange[] = []
  /** How often the feed has told that something was read or written. */
  moves = 0
  readonly feed = new Feed({
    log: this.model,
    fanOut: this.fanOut,
    clock: this.clock,
    epochs: {
      name: '1-first',
      moved: () => {
        this.moves++
      },
      suspect: (change) => this.suspected.push(change),
    },
    deliver: (_room, events, stretch) => {
      this.delivered.push(...events)
      this.onDeliver(events, stretch)
    },
    gone: (room) => this.gone.push(room),
  })

  /** The delivered numbers, in the order of their delivery. */
  get numbers(): Seq[] {
    return this.delivered.map((event) => event.seq)
  }

  async opened(): Promise<FeedRoom> {
    const tracked = this.feed.follow(this.model.id)
    await tracked.opened()
    return tracked
  }

  /** Commits messages without notifying the feed. */
  send(count: number): RoomEvent[] {
    return Array.from({ length: count }, () => this.model.send())
  }

  accept(...events: (RoomEvent | undefined)[]): void {
    this.feed.accept(
      this.model.id,
      events.flatMap((event) => event ?? []),
    )
  }
}

/** Longer than the feed waits before it reads a gap, in milliseconds. */
export const PATIENCE = 100

/** 1 to `last`. */
export function upTo(last: number): Seq[] {
  return Array.from({ length: last }, (_, i) => seq(i + 1))
}
