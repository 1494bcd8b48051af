import type { FeedRoom } from './feed-room.ts'
import type { RoomEvent, Seq } from './model.ts'
import type { MessageLog } from './ports.ts'

const PAGE = 200

/**
 * Brings a reader that has everything up to `from` to the live stream without losing or doubling a number: what was
 * delivered since comes from the room's memory or, where that is too short, from the database; then `attach` is called
 * in the same tick in which the last of it was handed over.
 *
 * @param emit may return a promise, to make the next page wait until the reader has taken this one
 * @returns false where the room is gone meanwhile, or `alive` says that the reader is
 */
export async function cutOver(
  room: FeedRoom,
  from: Seq,
  log: Pick<MessageLog, 'changes'>,
  reader: { emit(events: readonly RoomEvent[]): void | Promise<void>; attach(): void; alive(): boolean },
): Promise<boolean> {
  await room.opened()
  let at = from
  while (reader.alive()) {
    // The database may be ahead of what this node has delivered: attaching now would show those numbers twice.
    if (room.position < at) {
      await room.reached(at)
      if (room.position < at) return false
    }
    const missed = room.since(at)
    if (missed !== null) {
      if (missed.length > 0) void reader.emit(missed)
      reader.attach()
      return true
    }
    const changes = await log.changes(room.id, at, PAGE)
    if (changes === null) return false
    await reader.emit(changes.events)
    at = changes.head
  }
  return false
}
