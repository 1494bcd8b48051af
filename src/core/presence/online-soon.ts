import type { UserId } from '../model.ts'
import type { Clock } from '../ports.ts'
import type { Presence } from './presence.ts'

/** Milliseconds after which nobody waits longer for the other nodes. */
const WITHIN_MS = 250

/**
 * Returns what finds those of the users who are online for someone who cannot wait: if the other nodes do not answer in time, they are those
 * who are online on this node. Never rejects.
 */
export function createOnlineSoon(
  { online, isHere }: Pick<Presence, 'online' | 'isHere'>,
  clock: Pick<Clock, 'after'>,
): (users: readonly UserId[]) => Promise<ReadonlySet<UserId>> {
  return (users) => {
    const soon = Promise.withResolvers<ReadonlySet<UserId>>()
    const giveUp = () => soon.resolve(new Set(users.filter(isHere)))
    const timer = clock.after(WITHIN_MS, giveUp)
    void online(users)
      .then(soon.resolve, giveUp)
      .finally(() => timer.cancel())
    return soon.promise
  }
}
