import { batchLookUps } from '../batched-look-ups.ts'
import type { Feed } from '../feed/index.ts'
import { type Seq, START, type UserId } from '../model.ts'
import type { PrivateLog, PrivateWanted, Signals } from '../ports.ts'
import type { PrivateEntry } from './private-entry.ts'

/** The most entries that are read at once. */
const PAGE = 200

/** What a user has changed for themselves, of all types and rooms. */
export interface OwnEntries {
  /** The latest state of each entry, in the order of the user's own numbers. */
  readonly entries: readonly PrivateEntry[]
  /** The number up to which `entries` is complete; less than `head` if there are more. */
  readonly upTo: Seq
  readonly head: Seq
  /** Whether nothing can be told after the number: these are the entries from the beginning, and whatever the client has besides is gone. */
  readonly reset: boolean
}

export interface PrivateStateDeps {
  readonly store: PrivateLog
  readonly feed: Pick<Feed, 'moved'>
  readonly signals: Signals
}

/** What users keep for themselves, as their devices follow it. */
export function createPrivateState({ store, feed, signals }: PrivateStateDeps) {
  /** When all clients come back at once, each asks; and each device of a user is told of each change. */
  const changesOf = batchLookUps((wanted: readonly PrivateWanted[]) => store.privateChangesOf(wanted, PAGE))

  return {
    /**
     * Returns what the user has changed after a number, compacted.
     * @param after 0 for everything that is kept
     * @param limit 1 to 200
     */
    async changes(user: UserId, after: Seq, limit: number): Promise<OwnEntries> {
      feed.moved()
      const found = await changesOf({ user, after })
      // A number that was not given yet is of a history that the database has lost since. Nobody misses what was forgotten before
      // they came, since it had been removed.
      const reset = after > found.head || (after > START && after < found.forgotten)
      const { entries, upTo, head } = reset ? await changesOf({ user, after: START }) : found
      const page = entries.slice(0, limit)
      const last = page.at(-1)
      return { entries: page, upTo: page.length < entries.length && last ? last.seq : upTo, head, reset }
    },

    /** Returns the latest numbers of the users; without users who have none. */
    numbers(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Seq>> {
      feed.moved()
      return store.privateHeads(users)
    },

    /** Tells the user's devices, on every node, that an entry has the number. Call it once the change is durable. */
    tell(user: UserId, seq: Seq): void {
      feed.moved()
      signals.publish({ type: 'private', userId: user, seq })
    },
  }
}

export type PrivateState = ReturnType<typeof createPrivateState>
