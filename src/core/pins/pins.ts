import { requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import { spend } from '../messages/index.ts'
import type { Seq, UserRef } from '../model.ts'
import type { PinLog, PinnedMessage, RoomRegister, SendBudget } from '../ports.ts'
import { accessFactsIn, type RoomRef, retryOnConflict } from '../rooms/index.ts'

/** The most pinned messages of a room that any setting allows. */
export const MOST_PINS = 1000

export interface PinsDeps {
  readonly store: PinLog & Pick<RoomRegister, 'accessFacts'>
  readonly feed: Feed
  readonly budget: SendBudget
}

/** The pinned messages of rooms. @param most of a room */
export function createPins({ store, feed, budget }: PinsDeps, most: number) {
  return {
    /**
     * Pins a message for everyone in the room, or unpins it, at the expense of the budget of sends, which is taken before this returns. Does
     * nothing if it is so already. For the staff of a room, and both users of a direct chat.
     * @returns the room's number from which on it is shown
     * @throws ChatError `rate_limited`, `not_found`, `hidden`, `forbidden`, `conflict` at the limit
     */
    async pin(ref: RoomRef, user: UserRef, message: Seq, on: boolean): Promise<Seq> {
      const tooMany = spend(budget, user)
      if (tooMany !== null) throw tooMany
      return retryOnConflict(async () => {
        const access = await accessFactsIn(store, ref, user.id)
        requireAllowed('pin', access)
        const { epoch } = feed
        const { verdict, event, head } = await store.pin(access, user, message, on, most)
        if (verdict === 'no_message') throw new ChatError('not_found', 'Message not found')
        if (verdict === 'too_many') {
          throw new ChatError('conflict', `A room may have at most ${most} pinned messages`)
        }
        if (event !== null) feed.commit(event.roomId, [event], epoch)
        return head
      })
    },

    /**
     * The pinned messages, the latest pinned first, for those who may read the room.
     * @param before only those that were pinned before this number; null for all
     * @throws ChatError `not_found`, `hidden`, `forbidden`
     */
    async list(ref: RoomRef, user: UserRef, before: Seq | null, limit: number): Promise<PinnedMessage[]> {
      const access = await accessFactsIn(store, ref, user.id)
      requireAllowed('read', access)
      return store.pinned(access.room.id, before, limit)
    },
  }
}
