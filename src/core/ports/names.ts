import type { RoomId, UserId } from '../model.ts'

/** What `foldNames` has done. */
export interface FoldedNames {
  /** Whether more names are left. */
  readonly left: boolean
  /** The accounts and rooms, of those that were given keys, whose names the rules of today refuse or would store otherwise. */
  readonly oddUsers: readonly UserId[]
  readonly oddRooms: readonly RoomId[]
}

/** Keeps the keys by which names are compared. */
export interface NameKeeper {
  /**
   * Gives keys to a bounded number of names that have none: those from before there were keys, and those that nodes of the version
   * before have made. Until then such a room is found by its exact name only. Names stay as they are. Idempotent.
   */
  foldNames(): Promise<FoldedNames>
}
