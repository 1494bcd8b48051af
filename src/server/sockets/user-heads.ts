import type { Seq, UserId } from '../../core/index.ts'
import type { Connections } from './connections.ts'
import type { Session } from './session.ts'

/** Users per query. */
const AT_ONCE = 500

/** Something that is numbered for each user, and that clients may follow. */
export interface UserNumbers {
  /** Returns the latest numbers of the users; without users who have none. */
  of(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Seq>>
  isFollowed(session: Session): boolean
  tell(session: Session, head: Seq): void
}

/** The memberships of users. */
export function membershipNumbers(of: UserNumbers['of']): UserNumbers {
  return {
    of,
    isFollowed: (session) => session.countsMemberships?.() === true,
    tell: (session, head) => session.membershipsAt?.(head),
  }
}

/** What users keep for themselves. */
export function privateNumbers(of: UserNumbers['of']): UserNumbers {
  return {
    of,
    isFollowed: (session) => session.followsPrivate?.() === true,
    tell: (session, head) => session.privateAt?.(head),
  }
}

/**
 * Tells the connections whose clients follow something of their users how far it has come. What other nodes changed may not have been
 * told here.
 * @param concerns returns whether to compare those of a user
 */
export async function compareUserHeads(
  connections: Connections,
  numbers: UserNumbers,
  concerns: (user: UserId) => boolean,
): Promise<void> {
  const following = new Set<UserId>()
  for (const { speaker, session } of connections.all()) {
    if (speaker === null || !concerns(speaker.user.id)) continue
    if (numbers.isFollowed(session)) following.add(speaker.user.id)
  }
  const users = [...following]
  for (let from = 0; from < users.length; from += AT_ONCE) {
    for (const [user, head] of await numbers.of(users.slice(from, from + AT_ONCE))) {
      for (const { session } of connections.of(user)) numbers.tell(session, head)
    }
  }
}
