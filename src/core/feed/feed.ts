import { batchLookUps } from '../batched-look-ups.ts'
import { rewritten } from '../errors.ts'
import type { RoomEvent } from '../events/index.ts'
import type { Epochs } from '../history/index.ts'
import type { RoomId, Seq } from '../model.ts'
import type { Clock, FanOut, MessageLog } from '../ports.ts'
import type { Deliver } from './deliver.ts'
import { FeedRoom } from './feed-room.ts'

/**
 * The only way to the sockets: it delivers each room in one order. It takes what this node has committed, what other nodes report and
 * what is read from the database, and always delivers the next number. Older numbers are dropped; later ones are held while the gap is
 * read from the database.
 *
 * Only rooms that have followers on this node are tracked; events of other rooms are dropped at once.
 */
export class Feed {
  readonly #rooms = new Map<RoomId, FeedRoom>()
  readonly #deps: FeedDeps
  readonly #deliver: Deliver
  /** Reads the heads of rooms that are opened, many at a time, as when all clients come back at once. */
  readonly #headOf: (room: RoomId) => Promise<Seq | null>

  constructor(deps: FeedDeps) {
    this.#deps = deps
    this.#deliver = (room, events, stretch) => {
      deps.epochs.moved()
      deps.deliver(room, events, stretch)
    }
    this.#headOf = batchLookUps(async (rooms: readonly RoomId[]) => {
      const heads = await deps.log.heads(rooms)
      return rooms.map((room) => heads.get(room) ?? null)
    })
  }

  /** The number of tracked rooms. */
  get size(): number {
    return this.#rooms.size
  }

  /** Follows a room; each call is paired with one `unfollow`. Events are taken from now on. */
  follow(room: RoomId): FeedRoom {
    let tracked = this.#rooms.get(room)
    if (tracked === undefined) {
      const { log, clock, fanOut, epochs } = this.#deps
      epochs.moved()
      // Listens to the other nodes first and reads the position then, so that what they commit in between is heard.
      const head = fanOut.listen(room).then(() => this.#headOf(room))
      const opening = new FeedRoom(room, log, clock, this.#deliver, epochs, head)
      tracked = opening
      this.#rooms.set(room, tracked)
      // After a failure the next follower opens the room anew.
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

  /** Drops all rooms. Later followers begin with what the database has. */
  dropAll(): void {
    for (const tracked of [...this.#rooms.values()]) {
      tracked.close()
      this.#forget(tracked)
    }
  }

  /** Notes that users are told of something that the database has, besides what rooms deliver. See `Epochs.moved`. */
  moved(): void {
    this.#deps.epochs.moved()
  }

  #forget(tracked: FeedRoom): void {
    if (this.#rooms.get(tracked.id) !== tracked) return
    this.#rooms.delete(tracked.id)
    this.#deps.fanOut.forget(tracked.id)
  }

  /** The epoch of the history that the feed is in. Read it before a write, and pass it to `commit`. */
  get epoch(): string {
    return this.#deps.epochs.name
  }

  /**
   * Takes events of a room that this node has committed, and hands them to its own listeners and to the other nodes.
   * @param epoch the feed's epoch before they were written
   * @throws ChatError `unavailable` if another epoch has begun since: it may lack these events, and give their numbers to others
   */
  commit(room: RoomId, events: readonly RoomEvent[], epoch: string): void {
    this.#deps.epochs.moved()
    if (epoch !== this.epoch) {
      const last = events.at(-1)
      if (last !== undefined) this.noteHead(room, last.seq)
      throw rewritten()
    }
    this.accept(room, events)
    this.#deps.fanOut.publishEvents(room, events)
  }

  /** Takes committed events of a room, from this node or another, in any order and any number of times. */
  accept(room: RoomId, events: readonly RoomEvent[]): void {
    this.#rooms.get(room)?.accept(events)
  }

  /** Notes that a room has reached a number. What is missing up to it is read. */
  noteHead(room: RoomId, head: Seq): void {
    this.#rooms.get(room)?.noteHead(head)
  }

  /**
   * Compares tracked rooms with the database. Finds events that were committed but never announced, rooms that are gone, and heads that
   * went back.
   * @param concerns returns whether to compare a room; all if it is left out
   */
  async reconcile(concerns: (room: RoomId) => boolean = () => true): Promise<void> {
    const rooms = [...this.#rooms.keys()].filter(concerns)
    for (let from = 0; from < rooms.length; from += COMPARED_AT_ONCE) {
      const some = rooms.slice(from, from + COMPARED_AT_ONCE)
      const before = some.map((room) => {
        const tracked = this.#rooms.get(room)
        return { room, tracked, delivered: tracked?.delivered ?? null }
      })
      const heads = await this.#deps.log.heads(some)
      for (const { room, tracked, delivered } of before) {
        const head = heads.get(room)
        if (tracked === undefined || this.#rooms.get(room) !== tracked) continue
        if (head === undefined) this.#deps.gone(room)
        else tracked.compare(head, delivered)
      }
    }
  }
}

export interface FeedDeps {
  readonly log: Pick<MessageLog, 'changes' | 'heads'>
  readonly fanOut: FanOut
  readonly clock: Clock
  readonly deliver: Deliver
  /** Is told what was read from the database, and what contradicts that later. */
  readonly epochs: Pick<Epochs, 'moved' | 'suspect' | 'name'>
  /** Called when a tracked room no longer exists and no signal had told that. */
  readonly gone: (room: RoomId) => void
}

/** Rooms per query. */
const COMPARED_AT_ONCE = 5000
