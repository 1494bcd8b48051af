import type { Stretch } from './feed.ts'
import type { FeedRoom } from './feed-room.ts'
import type { Changes, RoomEvent, Seq } from './model.ts'
import type { MessageLog } from './ports.ts'

const PAGE = 200

/**
 * Brings a reader that has everything up to `from` to the live stream without losing or doubling a number: what was
 * delivered since comes from the room's memory or, where that is too short, from the database; then `attach` is called
 * in the same tick in which the last of it was handed over.
 *
 * @returns false where the room is gone meanwhile, or `alive` says that the reader is
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
    const changes = await log.changes(room.id, at, PAGE)
    if (changes === null) return false
    await reader.page(changes.events, { after: at, to: changes.head })
    at = changes.head
  }
  return false
}

/**
 * A log whose pages are read once for all who ask for the same one meanwhile: when a crowd comes back, most of it has the same
 * gap. Who joins a read that is under way gets a room of a moment ago, which leads on to what came since as any page does.
 */
export function sharedChanges(log: Pick<MessageLog, 'changes'>): Pick<MessageLog, 'changes'> {
  const underWay = new Map<string, Promise<Changes | null>>()
  return {
    changes(room, after, limit) {
      const key = `${room} ${after} ${limit}`
      const known = underWay.get(key)
      if (known !== undefined) return known
      const read = log.changes(room, after, limit).finally(() => underWay.delete(key))
      underWay.set(key, read)
      return read
    },
  }
}

export interface CatchingUp {
  /** A page on the way, compacted; the next one is read when the promise resolves, at the reader's pace. */
  page(events: readonly RoomEvent[], stretch: Stretch): Promise<void>
  /** The last stretch: handed over whole before this returns, since what is live follows in the same tick. Small. */
  show(events: readonly RoomEvent[]): void
  /** From here on the reader hears the room. */
  attach(): void
  /** Whether the reader is still there. */
  alive(): boolean
}
