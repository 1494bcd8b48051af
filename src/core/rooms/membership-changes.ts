import { batchLookUps } from '../batched-look-ups.ts'
import type { MembershipChange } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import type { Seq, UserId } from '../model.ts'
import type { MembershipLog, MembershipsWanted } from '../ports.ts'

/** The most changes that are read at once. */
const PAGE = 200

/** What happened to a user's memberships, of all rooms. */
export interface OwnChanges {
  /** The latest change of each room, in the order of the user's own numbers. */
  readonly changes: readonly MembershipChange[]
  /** The number up to which `changes` is complete; less than `head` if there are more. */
  readonly upTo: Seq
  readonly head: Seq
  /** Whether nothing can be told after the number: the client lists its rooms, and goes on after `head`. */
  readonly reset: boolean
}

/** Reads users' numbered memberships. */
export function createMembershipChanges(store: MembershipLog, feed: Pick<Feed, 'moved'>) {
  /** When all clients come back at once, each asks. */
  const changesOf = batchLookUps((wanted: readonly MembershipsWanted[]) =>
    store.membershipChangesOf(wanted, PAGE),
  )

  return {
    /**
     * Returns what happened to the user's memberships after a number, compacted.
     * @param after null for a client that has no number yet
     * @param limit 1 to 200
     */
    async changes(user: UserId, after: Seq | null, limit: number): Promise<OwnChanges> {
      feed.moved()
      const { changes, upTo, head, forgotten } = await changesOf({ user, after })
      // A number that was not given yet is of a history that the database has lost since.
      const reset = after === null || after > head || after < forgotten
      if (reset) return { changes: [], upTo: head, head, reset }
      const page = changes.slice(0, limit)
      const last = page.at(-1)
      return { changes: page, upTo: page.length < changes.length && last ? last.seq : upTo, head, reset }
    },

    /** Returns the latest numbers of the users; without users who have none. */
    numbers(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Seq>> {
      feed.moved()
      return store.membershipHeads(users)
    },
  }
}
