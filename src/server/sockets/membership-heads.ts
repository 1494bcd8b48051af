import type { Seq, UserId } from '../../core/index.ts'
import type { Connections } from './connections.ts'

/** Users per query. */
const AT_ONCE = 500

/**
 * Tells the connections whose clients count their users' memberships how far these have come. What other nodes changed may not have
 * been told here.
 * @param numbersOf returns the latest numbers of the users; without users who have none
 * @param concerns returns whether to compare those of a user
 */
export async function compareMemberships(
  connections: Connections,
  numbersOf: (users: readonly UserId[]) => Promise<ReadonlyMap<UserId, Seq>>,
  concerns: (user: UserId) => boolean,
): Promise<void> {
  const counting = new Set<UserId>()
  for (const { speaker, session } of connections.all()) {
    if (speaker === null || !concerns(speaker.user.id)) continue
    if (session.countsMemberships?.() === true) counting.add(speaker.user.id)
  }
  const users = [...counting]
  for (let from = 0; from < users.length; from += AT_ONCE) {
    for (const [user, head] of await numbersOf(users.slice(from, from + AT_ONCE))) {
      for (const { session } of connections.of(user)) session.membershipsAt?.(head)
    }
  }
}
