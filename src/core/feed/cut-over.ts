import { batchLookUps } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type { Changes } from '../events/index.ts'
import type { Seq } from '../model.ts'
import type { ChangesWanted, MessageLog } from '../ports.ts'
import { mostTextOf, textWeights } from '../text-bounds.ts'
import type { FeedRoom } from './feed-room.ts'
import type { Recent } from './tail.ts'

/**
 * The most events of a page: whoever has missed little asks for little, so that one statement can read the pages of many rooms. Few
 * sizes, so that readers with the same gap ask for the same page.
 */
const PAGES = [8, 32]
const LARGEST_PAGE = 200

/**
 * Brings a reader that has everything up to `from` to the live stream without losing or doubling a number. What was delivered since
 * comes from the room's memory or, if that does not reach back far enough, from the database. `attach` is called in the same tick in
 * which the last of it is handed over.
 *
 * @returns false if the room or the reader has gone meanwhile
 * @throws ChatError `unavailable` if the database lacks what was delivered here
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
    // The database may be ahead of this node's deliveries; attaching now would show these numbers twice.
    if (room.position < at) {
      await room.reached(at)
      if (room.position < at || !reader.alive()) return false
    }
    if (room.position > at && reader.isFull()) {
      await reader.drained()
      continue
    }
    const missed = room.since(at)
    if (missed !== null) {
      reader.show(missed)
      reader.attach()
      return true
    }
    const delivered = room.position
    const changes = await log.changes(room.id, at, pageFor(delivered - at))
    if (changes === null) return false
    // The database has gone back. All pages would be empty until that is proven and all readers begin anew.
    if (changes.head <= at) {
      room.compare(changes.head, delivered)
      throw new ChatError('unavailable', 'Some messages of the room cannot be read now, try again', {
        retryAfterMs: 1000,
      })
    }
    at = await reader.page(changes, at)
  }
  return false
}

function pageFor(missed: number): number {
  return PAGES.find((size) => missed <= size) ?? LARGEST_PAGE
}

/** Returns a log that reads the pages of many rooms with one statement. @param longest the most characters of a message */
export function batchedChanges(
  log: Pick<MessageLog, 'changesOf'>,
  longest: number,
): Pick<MessageLog, 'changes'> {
  const read = batchLookUps(
    (wanted: readonly ChangesWanted[]) => log.changesOf(wanted),
    textWeights(({ limit }) => mostTextOf(limit, longest)),
  )
  return { changes: (room, after, limit) => read({ room, after, limit }) }
}

/**
 * Returns a log that reads a page once for all readers of the same page: when many clients come back at once, most have the same gap.
 * Each page is read after it was asked for, so readers that ask while one is being read share the next one.
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

/** One page: the read under way, and the next one for readers that have asked since. */
interface Shared {
  readonly now: Promise<Changes | null>
  next: Promise<Changes | null> | null
}

export interface CatchingUp {
  /**
   * Takes a page, compacted. The next one is read when the promise resolves, so the reader sets the pace.
   * @param after the number that the page follows
   * @returns the number up to which it was shown: less than the page's head if the page was outdated before the reader could take all
   */
  page(changes: Changes, after: Seq): Promise<Seq>
  /** Returns whether the reader has yet to take most of what it was given; what comes next then waits until `drained` resolves. */
  isFull(): boolean
  drained(): Promise<void>
  /** Takes the last stretch. Hands it over whole before it returns, since the stream follows in the same tick. Small. */
  show(recent: Recent): void
  /** Subscribes the reader to the stream. */
  attach(): void
  /** Returns whether the reader is still connected. */
  alive(): boolean
}
