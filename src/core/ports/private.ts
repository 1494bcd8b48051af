import type { Message, RoomId, Seq, UserId } from '../model.ts'
import type {
  DraftText,
  NotificationSettings,
  PrivateEntry,
  PrivateEntryOf,
} from '../private/private-entry.ts'

export interface PrivateWanted {
  readonly user: UserId
  /** null: only the number is wanted. */
  readonly after: Seq | null
}

/** What one user has changed for themselves after a number. */
export interface PrivateChanges {
  /** The latest state of each entry, in the order of their numbers. Types that this version does not know are left out. */
  readonly entries: readonly PrivateEntry[]
  /** The number up to which `entries` is complete. */
  readonly upTo: Seq
  /** The user's latest number; 0 if there is none. */
  readonly head: Seq
  /** The number up to which removed entries may be missing. */
  readonly forgotten: Seq
}

/**
 * What users keep for themselves, numbered for each user. Every change of an entry takes the user's next number in its transaction.
 * A number that can be read comes after all lower ones can: a reader misses nothing. Only the latest state of each entry is kept, and
 * what was removed is forgotten after 90 days.
 */
export interface PrivateLog {
  /** Returns what happened after the numbers, up to `limit` entries each and fewer if they are long, in the order of `wanted`. One statement. */
  privateChangesOf(wanted: readonly PrivateWanted[], limit: number): Promise<PrivateChanges[]>
  /** Returns the users' latest numbers; without users who have none. */
  privateHeads(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Seq>>
}

/** A draft as it is after a write. */
export interface DraftWritten {
  /** Whether what was asked for is stored now. Otherwise another device's later edit stays. */
  readonly written: boolean
  readonly draft: PrivateEntryOf<'draft'>
}

export interface DraftWanted {
  /** null removes the draft. */
  readonly value: DraftText | null
  /** The version that was edited; null if none is known. */
  readonly base: Seq | null
  /** How many milliseconds ago it was edited: a whole number, at least 0; more than 30 days count as 30 days. */
  readonly agoMs: number
}

/** What users have begun to write: entries of `PrivateLog`, whose version is their number. */
export interface Drafts {
  /**
   * Sets a member's draft. An edit of the present version is written. Of two edits that know nothing of each other the later one wins,
   * in whichever order they arrive. Ends with the membership.
   * @returns null for a non-member; `no_message` if the draft answers a message that is not in the room, a tombstone aside
   */
  setDraft(room: RoomId, user: UserId, wanted: DraftWanted): Promise<DraftWritten | 'no_message' | null>
  /** Returns the member's draft; its value is null if there is none. null for a non-member. */
  draft(room: RoomId, user: UserId): Promise<PrivateEntryOf<'draft'> | null>
  /** Returns a page of the user's drafts, by number, the latest first. @param before an entry's number; null for the first page */
  drafts(user: UserId, before: Seq | null, limit: number): Promise<PrivateEntryOf<'draft'>[]>
}

/** `no_message`: there is none with the number, or it is deleted. `too_many`: the user has saved as many as a user may. */
export type SaveVerdict = 'done' | 'no_message' | 'too_many'

/** A saved message, as it is now. */
export interface SavedMessage {
  readonly entry: PrivateEntryOf<'saved'>
  readonly message: Message
}

/** The messages that users have saved: entries of `PrivateLog`. Whether the user may read them is for the caller to decide. */
export interface SavedMessages {
  /**
   * Saves a message, or removes it from the saved ones. Does nothing if it is so already.
   * @param most the most messages that a user may save; those that were deleted since do not count
   * @returns the verdict, and the user's own number of the entry
   */
  saveMessage(
    room: RoomId,
    user: UserId,
    message: Seq,
    on: boolean,
    most: number,
  ): Promise<{ readonly verdict: SaveVerdict; readonly seq: Seq }>
  /**
   * Returns saved messages by number, the latest first, without those that were deleted.
   * @param before an entry's number; null for the first page
   */
  savedMessages(user: UserId, before: Seq | null, limit: number): Promise<SavedMessage[]>
}

/** What a user wants to be notified of; or why there is no answer. */
export type NotificationsHeld =
  | {
      readonly entry: PrivateEntryOf<'notifications'>
      /** Whether the write has changed anything. */
      readonly changed: boolean
    }
  | 'not_member'
  | 'no_message'

/** What members want to be notified of in rooms, and in threads of these: entries of `PrivateLog`. Ends with the membership. */
export interface NotificationRegister {
  /** @param message one of the thread, or 0 for the room. @param value null for what is usual. Repeating it changes nothing */
  setNotifications(
    room: RoomId,
    user: UserId,
    message: Seq,
    value: NotificationSettings | null,
  ): Promise<NotificationsHeld>
  /** The entry's value is null while the user has said nothing. */
  notifications(room: RoomId, user: UserId, message: Seq): Promise<NotificationsHeld>
}
