import { ChatError } from '../errors.ts'
import type { Changes } from '../events/index.ts'
import type { Seq } from '../model.ts'
import type { MessageLog } from '../ports.ts'
import type { FeedRoom } from './feed-room.ts'
import type { Recent } from './tail.ts'

const PAGE = 200

/**
 * Brings a reader that has everything up to `from` to the live stream without losing or doubling a number: what was
 * delivered since comes from the room's memory or, where that is too short, from the database; then `attach` is called
 * in the same tick in which the last of it was handed over.
 *
 * @returns false where the room is gone meanwhile, or `alive` says that the reader is
 * @throws ChatError `unavailable` if the database does not have what was delivered here
 */
export async function cutOver(
  room: FeedRoom,
  from: Seq,
  log: Pick<MessageLog, 'changes'>,
  reader: CatchingUp,
): Promise<boolean> {
  await room.opened()
  let at = from
  while (reader.alive()) {
    // The database may be ahead of what this node has delivered: attaching now would show those numbers twice.
    if (room.position < at) {
      await room.reached(at)
      if (room.position < at || !reader.alive()) return false
    }
    const missed = room.since(at)
    if (missed !== null) {
      reader.show(missed)
      reader.attach()
      return true
    }
    const delivered = room.position
    const changes = await log.changes(room.id, at, PAGE)
    if (changes === null) return false
    // The database has gone back. Page after page would be empty until that is proven, and all readers begin anew.
    if (changes.head <= at) {
      room.compare(changes.head, delivered)
      throw new ChatError('unavailable', 'The room is not whole, try again', { retryAfterMs: 1000 })
    }
    at = await reader.page(changes, at)
  }
  return false
}

/**
 * A log whose pages are read once for all who ask for the same one: when a crowd comes back, most of it has the same gap. Every
 * page is read after it was asked for, so whoever asks while one is being read gets the next one, and shares that.
 */
export function sharedChanges(log: Pick<MessageLog, 'changes'>): Pick<MessageLog, 'changes'> {
  const underWay = new Map<string, Shared>()

  return {
    changes(room, after, limit) {
      const key = `${room} ${after} ${limit}`
      const shared = underWay.get(key)
      if (shared === undefined) return read()
      shared.next ??= shared.now.then(read, read)
      return shared.next

      function read(): Promise<Changes | null> {
        const reading: Shared = { now: log.changes(room, after, limit).finally(over), next: null }
        underWay.set(key, reading)
        return reading.now

        function over(): void {
          if (reading.next === null) underWay.delete(key)
        }
      }
    },
  }
}

/** One page: as it is being read, and as it will be for those who have asked since. */
interface Shared {
  readonly now: Promise<Changes | null>
  next: Promise<Changes | null> | null
}

export interface CatchingUp {
  /**
   * A page on the way, compacted. The next one is read when the promise resolves, at the reader's pace.
   * @param after the place that it leads on from
   * @returns up to where it was shown: less than its head if it was no longer as things are when the reader could take more
   */
  page(changes: Changes, after: Seq): Promise<Seq>
  /** The last stretch: handed over whole before this returns, since what is live follows in the same tick. Small. */
  show(recent: Recent): void
  /** From here on the reader hears the room. */
  attach(): void
  /** Whether the reader is still there. */
  alive(): boolean
}
