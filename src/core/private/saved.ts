import { allows, requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { RoomId, Seq, UserId } from '../model.ts'
import type { RoomRegister, SavedMessage, SavedMessages } from '../ports.ts'
import { accessFactsIn } from '../rooms/index.ts'
import { PAGE_TEXT } from '../text-bounds.ts'
import type { PrivateState } from './private.ts'

/** A page of saved messages, the latest first. */
export interface SavedPage {
  readonly items: readonly SavedMessage[]
  /** The number before which the next page begins; null for the last page. */
  readonly next: Seq | null
}

/** The messages that users have saved for themselves, over all rooms. */
export function createSaved(
  store: SavedMessages & Pick<RoomRegister, 'accessFacts' | 'accessFactsOf'>,
  { tell }: Pick<PrivateState, 'tell'>,
  most: number,
) {
  /** Those that the user may read now. */
  async function readable(user: UserId, found: readonly SavedMessage[]): Promise<SavedMessage[]> {
    const rooms = [...new Set(found.map(({ entry }) => entry.roomId))]
    const facts = await store.accessFactsOf(rooms.map((room) => ({ room, user })))
    const open = new Set(
      rooms.filter((_, index) => {
        const access = facts[index] ?? null
        return access !== null && allows('read', access)
      }),
    )
    return found.filter(({ entry }) => open.has(entry.roomId))
  }

  return {
    /**
     * Saves a message, on all devices of the user, or removes it from the saved ones. Does nothing if it is so already.
     * @returns the user's own number of the entry; 0 if there never was one
     * @throws ChatError `not_found`, `hidden`, `forbidden`, `conflict` at the limit
     */
    async save(room: RoomId, user: UserId, message: Seq, on: boolean): Promise<Seq> {
      // Someone who may no longer read a message may still remove it.
      if (on) requireAllowed('read', await accessFactsIn(store, { id: room }, user))
      const { verdict, seq } = await store.saveMessage(room, user, message, on, most)
      if (verdict === 'no_message') throw new ChatError('not_found', 'Message not found')
      if (verdict === 'too_many') throw new ChatError('conflict', `A user may save at most ${most} messages`)
      tell(user, seq)
      return seq
    },

    /** Returns what the user has saved and may still read, as it is now. @param before as `next` of the page before; null for the first page */
    async list(user: UserId, before: Seq | null, limit: number): Promise<SavedPage> {
      const items: SavedMessage[] = []
      let [next, text] = [before, 0]
      for (;;) {
        const found = await store.savedMessages(user, next, limit)
        for (const saved of await readable(user, found)) {
          const isFull = items.length === limit || (items.length > 0 && text > PAGE_TEXT)
          if (isFull) return { items, next: items.at(-1)?.entry.seq ?? null }
          items.push(saved)
          text += saved.message.body.length
        }
        const last = found.at(-1)
        if (last === undefined || found.length < limit) return { items, next: null }
        next = last.entry.seq
      }
    },
  }
}
