import { batchLookUps } from '../batched-look-ups.ts'
import { rewritten } from '../errors.ts'
import type { RoomEvent } from '../events/index.ts'
import type { Epochs } from '../history/index.ts'
import type { RoomId, Seq } from '../model.ts'
import type { Clock, FanOut, MessageLog } from '../ports.ts'
import type { Deliver } from './deliver.ts'
import { FeedRoom } from './feed-room.ts'

/**
 * The only door to the sockets: one order per room. What this node has committed, what other nodes report and what is
 * read from the database all come in here; what goes out is the next number, always. Older numbers are dropped; a later
 * one is held while the gap is read from the database.
 *
 * Only rooms that somebody on this node follows are tracked; events of the others are dropped at the door.
 */
export class Feed {
  readonly #rooms = new Map<RoomId, FeedRoom>()
  readonly #deps: FeedDeps
  readonly #deliver: Deliver
  /** Of rooms that are opened: many at a time, when all clients come back at once. */
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

  /** Rooms tracked now. */
  get size(): number {
    return this.#rooms.size
  }

  /** Starts to track a room, for one follower; each call is paired with one `unfollow`. Events are caught from this moment on. */
  follow(room: RoomId): FeedRoom {
    let tracked = this.#rooms.get(room)
    if (tracked === undefined) {
      const { log, clock, fanOut, epochs } = this.#deps
      epochs.moved()
      // First the other nodes are listened to, then the position is read: what they commit in between is heard.
      const head = fanOut.listen(room).then(() => this.#headOf(room))
      const opening = new FeedRoom(room, log, clock, this.#deliver, epochs, head)
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

  /** Lets go of every room, as it is not known any more: whoever follows one from now on begins with what the database has. */
  dropAll(): void {
    for (const tracked of [...this.#rooms.values()]) {
      tracked.close()
      this.#forget(tracked)
    }
  }

  #forget(tracked: FeedRoom): void {
    if (this.#rooms.get(tracked.id) !== tracked) return
    this.#rooms.delete(tracked.id)
    this.#deps.fanOut.forget(tracked.id)
  }

  /** The epoch of the history that the feed is in. Writers read it before they write, for `commit`. */
  get epoch(): string {
    return this.#deps.epochs.name
  }

  /**
   * Hands on events of a room that this node has committed: to its own listeners, and to the other nodes.
   * @param epoch the feed's before they were written
   * @throws ChatError `unavailable` if another one has begun since: they may not be in it, and its numbers may be those of others
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

  /** Committed events of a room, from this node or another, in any order and any number of times. */
  accept(room: RoomId, events: readonly RoomEvent[]): void {
    this.#rooms.get(room)?.accept(events)
  }

  /** A room is known to have reached a number: whatever is missing up to it is read. */
  noteHead(room: RoomId, head: Seq): void {
    this.#rooms.get(room)?.noteHead(head)
  }

  /**
   * Compares tracked rooms with the database: for what was committed but never announced, rooms that are gone included, and
   * heads that went back.
   * @param concerns which of them; all where it is left out
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
  /** Told of what was read of the database, and of what does not agree with that later. */
  readonly epochs: Pick<Epochs, 'moved' | 'suspect' | 'name'>
  /** A tracked room is not there any more, and nobody had said so. */
  readonly gone: (room: RoomId) => void
}

/** Rooms in one query. */
const COMPARED_AT_ONCE = 5000
