import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import type { BlockedUser, UserId, UserRef } from '../model.ts'
import type { BlockRegister, PageWanted, UserRegister } from '../ports.ts'

/** The most users whom a user blocks. */
const MOST_BLOCKED = 10_000

/**
 * Blocking of users between themselves. While one of two users blocks the other, neither opens a direct chat with the other, nobody posts in
 * the one that they have, and the blocked one does not invite the other.
 */
export function createBlocks(store: BlockRegister & Pick<UserRegister, 'accountsById'>, feed: Feed) {
  async function set(user: UserRef, other: UserId, on: boolean): Promise<boolean> {
    const { epoch } = feed
    const { changed, event } = await store.block(user, other, on, MOST_BLOCKED)
    if (event !== null) feed.commit(event.roomId, [event], epoch)
    return changed
  }

  return {
    /** Does nothing if the user blocks the other one already. @throws ChatError `invalid` for oneself, `not_found`, `conflict` */
    async block(user: UserRef, other: UserId): Promise<void> {
      if (other === user.id) throw new ChatError('invalid', 'You cannot block yourself', { field: 'user' })
      if ((await store.accountsById([other])).length === 0) throw new ChatError('not_found', 'User not found')
      await set(user, other, true)
    },

    /** @throws ChatError `not_found` if the user does not block the other one */
    async unblock(user: UserRef, other: UserId): Promise<void> {
      if (other === user.id || !(await set(user, other, false))) {
        throw new ChatError('not_found', 'You do not block this user')
      }
    },

    /** Whom the user blocks, by id. */
    list(user: UserRef, page: PageWanted): Promise<BlockedUser[]> {
      return store.blocked(user.id, page)
    },
  }
}
