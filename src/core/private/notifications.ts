import { requireAllowed, strangerError } from '../access.ts'
import { ChatError } from '../errors.ts'
import { type RoomId, type Seq, START, type UserId } from '../model.ts'
import type { NotificationRegister, NotificationsHeld, RoomRegister } from '../ports.ts'
import { accessFactsIn } from '../rooms/index.ts'
import type { PrivateState } from './private.ts'
import type { NotificationSettings, PrivateEntryOf } from './private-entry.ts'

/** What is the case while the user has said nothing: in a thread, what the room says. */
const USUAL: NotificationSettings = { level: 'all', mutedUntil: null }

/**
 * What users want to be notified of in rooms that they are members of, and in single threads of these: the same on all of their devices. In a
 * thread it counts in place of what the room has; a room that is muted is silent in its threads, too.
 */
export function createNotifications(
  store: NotificationRegister & Pick<RoomRegister, 'accessFacts'>,
  { tell }: Pick<PrivateState, 'tell'>,
) {
  async function held(room: RoomId, user: UserId, found: NotificationsHeld) {
    if (found === 'no_message') throw new ChatError('not_found', 'Message not found')
    if (found !== 'not_member') return found
    const access = await accessFactsIn(store, { id: room }, user)
    requireAllowed('see', access)
    throw strangerError(access)
  }

  return {
    /**
     * @param message one of the thread; null for the room
     * @param wanted null for what is usual
     * @throws ChatError `not_found`, `hidden`, `forbidden` for a non-member
     */
    async set(
      room: RoomId,
      user: UserId,
      message: Seq | null,
      wanted: NotificationSettings | null,
    ): Promise<PrivateEntryOf<'notifications'>> {
      const isUsual = wanted === null || (message === null && isSame(wanted, USUAL))
      const found = await store.setNotifications(room, user, message ?? START, isUsual ? null : wanted)
      const { entry, changed } = await held(room, user, found)
      if (changed) tell(user, entry.seq)
      return entry
    },

    /** @throws ChatError as above */
    async get(room: RoomId, user: UserId, message: Seq | null): Promise<PrivateEntryOf<'notifications'>> {
      return (await held(room, user, await store.notifications(room, user, message ?? START))).entry
    },
  }
}

function isSame(one: NotificationSettings, other: NotificationSettings): boolean {
  return one.level === other.level && one.mutedUntil === other.mutedUntil
}
