import { requireAllowed, strangerError } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { RoomId, Seq, UserId } from '../model.ts'
import type { Drafts, DraftWritten, RoomRegister } from '../ports.ts'
import { accessFactsIn } from '../rooms/index.ts'
import { formProblem, lengthProblem } from '../text/index.ts'
import type { PrivateState } from './private.ts'
import type { PrivateEntryOf } from './private-entry.ts'

export interface DraftEdit {
  /** Empty removes the draft, unless it answers something. */
  readonly text: string
  readonly replyTo: Seq | null
  /** The version that was edited; null if the device has seen none. */
  readonly base: Seq | null
  /** How many milliseconds ago it was edited. */
  readonly agoMs: number
}

/** What users have begun to write in rooms that they are members of: one draft for each room, the same on all of their devices. */
export function createDrafts(
  store: Drafts & Pick<RoomRegister, 'accessFacts'>,
  { tell }: Pick<PrivateState, 'tell'>,
  maxLength: number,
) {
  async function refused(room: RoomId, user: UserId): Promise<never> {
    const access = await accessFactsIn(store, { id: room }, user)
    requireAllowed('see', access)
    throw strangerError(access)
  }

  return {
    /**
     * Sets the user's draft in a room, or removes it. Takes nothing from the budget of sends.
     * @returns the draft as it is afterwards, and whether the edit is in it: a later one of another device may have won
     * @throws ChatError `invalid`, `not_found`, `hidden`, `forbidden` for a non-member
     */
    async set(room: RoomId, user: UserId, { text, replyTo, base, agoMs }: DraftEdit): Promise<DraftWritten> {
      const problem = lengthProblem(text, maxLength) ?? formProblem(text)
      if (problem !== null) throw new ChatError('invalid', `text ${problem}`, { field: 'text' })
      const value = text === '' && replyTo === null ? null : { text, replyTo }
      const done = await store.setDraft(room, user, { value, base, agoMs })
      if (done === null) return refused(room, user)
      if (done === 'no_message') {
        throw new ChatError('invalid', 'reply_to must be the number of a message in this room', {
          field: 'reply_to',
        })
      }
      if (done.written) tell(user, done.draft.seq)
      return done
    },

    /** The user's draft in a room; its value is null if there is none. @throws ChatError as above */
    async get(room: RoomId, user: UserId): Promise<PrivateEntryOf<'draft'>> {
      return (await store.draft(room, user)) ?? refused(room, user)
    },

    /** The user's drafts, the latest first. @param before the version of the last one of the page before; null for the first page */
    list(user: UserId, before: Seq | null, limit: number): Promise<PrivateEntryOf<'draft'>[]> {
      return store.drafts(user, before, limit)
    },
  }
}
