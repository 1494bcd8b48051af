import { FeedRoom } from './feed-room.ts'
import type { RoomEvent, RoomId, Seq } from './model.ts'
import type { Clock, MessageLog } from './ports.ts'

/** Receives a room's events in the order of their numbers, each once. Called synchronously; must not throw. */
export type Deliver = (room: RoomId, events: readonly RoomEvent[]) => void

/**
 * The only door to the sockets: one order per room. What this node has committed, what other nodes report and what is
 * read from the database all come in here; what goes out is the next number, always. Older numbers are dropped; a later
 * one is held while the gap is read from the database.
 *
 * Only rooms that somebody on this node follows are tracked; events of the others are dropped at the door.
 */
export class Feed {
  readonly #rooms = new Map<RoomId, FeedRoom>()
  readonly #log: Pick<MessageLog, 'changes' | 'heads'>
  readonly #clock: Clock
  readonly #deliver: Deliver

  constructor(log: Pick<MessageLog, 'changes' | 'heads'>, clock: Clock, deliver: Deliver) {
    this.#log = log
    this.#clock = clock
    this.#deliver = deliver
  }

  /** Rooms tracked now. */
  get size(): number {
    return this.#rooms.size
  }

  /** Starts to track a room, for one follower; each call is paired with one `unfollow`. Events are caught from this moment on. */
  follow(room: RoomId): FeedRoom {
    let tracked = this.#rooms.get(room)
    if (tracked === undefined) {
      const opening = new FeedRoom(room, this.#log, this.#clock, this.#deliver)
      tracked = opening
      this.#rooms.set(room, tracked)
      // Whoever comes after a failure starts anew.
      opening.opened().catch(() => this.#forget(opening))
    }
    tracked.followers++
    return tracked
  }

  unfollow(tracked: FeedRoom): void {
    tracked.followers--
    if (tracked.followers > 0) return
    tracked.close()
    this.#forget(tracked)
  }

  #forget(tracked: FeedRoom): void {
    if (this.#rooms.get(tracked.id) === tracked) this.#rooms.delete(tracked.id)
  }

  /** Committed events of a room, from this node or another, in any order and any number of times. */
  accept(room: RoomId, events: readonly RoomEvent[]): void {
    this.#rooms.get(room)?.accept(events)
  }

  /** A room is known to have reached a number: whatever is missing up to it is read. */
  noteHead(room: RoomId, head: Seq): void {
    this.#rooms.get(room)?.noteHead(head)
  }

  /** Compares every tracked room with the database: for what was committed but never announced. */
  async reconcile(): Promise<void> {
    const heads = await this.#log.heads([...this.#rooms.keys()])
    for (const [room, head] of heads) this.noteHead(room, head)
  }
}
