import type { MessageId, RoomId, Seq } from '../model.ts'

/**
 * What users keep for themselves, by the types of its entries. A type is added here first; the compiler then names each table that
 * has no entry for it (`src/README.md`, "Adding a kind of private state").
 */
export interface PrivateValues {
  /** What the user has begun to write in a room. One for each room. */
  readonly draft: DraftText
  /** A message that the user has saved. */
  readonly saved: SavedMark
  /** Where the user's own read mark in a room is, since they marked messages there as unread. */
  readonly mark: OwnMark
  /** What the user wants to be notified of in a room, or in a thread: `item` is its root then. */
  readonly notifications: NotificationSettings
}

export interface SavedMark {
  readonly message: MessageId
}

export interface OwnMark {
  readonly readSeq: Seq
  /** Whether it is behind the mark that others are shown. */
  readonly isBehind: boolean
}

/** Every message, those that mention the user, or nothing. */
export type NotificationLevel = 'all' | 'mentions' | 'none'

export interface NotificationSettings {
  readonly level: NotificationLevel
  /** Until then the user is notified of nothing; null if it is not muted. */
  readonly mutedUntil: Date | null
}

/** The text of a message that is not sent yet, and what it answers. */
export interface DraftText {
  readonly text: string
  readonly replyTo: Seq | null
}

export type PrivateType = keyof PrivateValues

/** The entry of a type; of several types, their union. */
export type PrivateEntryOf<T extends PrivateType> = {
  readonly [K in T]: {
    readonly type: K
    readonly roomId: RoomId
    /** The number of the message that it is about; 0 if it is about the room. */
    readonly item: Seq
    /** The user's own number of the latest change. */
    readonly seq: Seq
    /** What is kept; null once it was removed. */
    readonly value: PrivateValues[K] | null
    /** When it was changed. */
    readonly at: Date
  }
}[T]

/** The latest state of something that a user keeps for themselves. */
export type PrivateEntry = PrivateEntryOf<PrivateType>

/** A function for each type of entry. */
export type PerPrivateType<Result> = { readonly [T in PrivateType]: (entry: PrivateEntryOf<T>) => Result }

/** Calls the table's function for the entry's type. */
export function perPrivateType<T extends PrivateType, Result>(
  table: PerPrivateType<Result>,
  entry: PrivateEntryOf<T>,
): Result {
  return table[entry.type](entry)
}
