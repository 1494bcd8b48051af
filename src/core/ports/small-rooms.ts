import type { RoomId, UserId } from '../model.ts'

/** Rooms that are small enough to tell each member which others are online. */
export interface SmallRooms {
  /**
   * Returns for each user the rooms, direct chats included, that have at most `members` members: the newest 1,000 per user. Users
   * without any are missing.
   */
  smallRoomsOf(users: readonly UserId[], members: number): Promise<ReadonlyMap<UserId, RoomId[]>>
  /** Returns the ids of a room's members, ascending, at most `limit`. */
  memberIds(room: RoomId, limit: number): Promise<UserId[]>
}
