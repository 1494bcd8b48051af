import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import type { RoomId, Seq, UserId, UserRef } from '../model.ts'
import type { Clock } from '../ports.ts'

/** The most waits of a user at once, on one node. */
const MOST = 20

export interface WaitDeps {
  readonly feed: Feed
  readonly clock: Clock
}

/** Callers that wait for something to happen in a room. They hold no connection to the database meanwhile. */
export function createWaits({ feed, clock }: WaitDeps) {
  const counts = new Map<UserId, number>()
  /** Ends each wait. */
  const ends = new Set<() => void>()
  let isClosed = false

  function count(user: UserId, change: number): void {
    const now = (counts.get(user) ?? 0) + change
    if (now > 0) counts.set(user, now)
    else counts.delete(user)
  }

  return {
    /**
     * Resolves once something has happened in the room after a number, the time is over, the caller has gone, or the process stops.
     * Whether the user may read the room is to be asked before, and again afterwards.
     * @param gone calls back when nobody waits for the answer any more
     * @throws ChatError `rate_limited` if the user waits for too much, `not_found`, `unavailable`
     */
    async changed(
      room: RoomId,
      { id }: UserRef,
      after: Seq,
      ms: number,
      gone: (act: () => void) => void,
    ): Promise<void> {
      if ((counts.get(id) ?? 0) >= MOST) {
        throw new ChatError('rate_limited', `At most ${MOST} requests of a user may wait`, {
          retryAfterMs: 1000,
        })
      }
      count(id, 1)
      const tracked = feed.follow(room)
      try {
        await tracked.opened()
        if (isClosed || tracked.position > after) return
        await new Promise<void>((resolve) => {
          const timer = clock.after(ms, end)
          const forget = tracked.past(after, end)
          ends.add(end)
          gone(end)

          function end(): void {
            timer.cancel()
            forget()
            ends.delete(end)
            resolve()
          }
        })
      } finally {
        feed.unfollow(tracked)
        count(id, -1)
      }
    },

    /** Ends all waits, and those to come at once. */
    close(): void {
      isClosed = true
      for (const end of [...ends]) end()
    },
  }
}

export type Waits = ReturnType<typeof createWaits>
