/** Ids and numbers, and the part of a user that everything else refers to. */

/*
 * Ids are positive integers up to 2^53-1. The brands exist for the compiler only, so that a room's id is not taken for a user's.
 */
export type UserId = number & { readonly __user: true }
export type RoomId = number & { readonly __room: true }
export type MessageId = number & { readonly __message: true }
export type AttachmentId = number & { readonly __attachment: true }
/** A room's own number for a durable change: dense, from 1; 0 means "before the first". */
export type Seq = number & { readonly __seq: true }

/** The part of a user that a message carries. */
export interface UserRef {
  readonly id: UserId
  readonly username: string
}

/** Returns whether a value can be an id of any kind, or the number of a change. */
export function isId(value: unknown): value is UserId & RoomId & MessageId & AttachmentId & Seq {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

/** Returns whether a value can be a position in a room's order: a change's number, or 0 for the position before the first. */
export function isSeq(value: unknown): value is Seq {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Returns the later of two numbers; the second may be missing. */
export function furthest(one: Seq, other: Seq | undefined): Seq {
  return other !== undefined && other > one ? other : one
}

/** The position before a room's first change. */
export const START: Seq = startOf(0)

function startOf(value: number): Seq {
  if (!isSeq(value)) throw new Error('not a number of a room')
  return value
}
