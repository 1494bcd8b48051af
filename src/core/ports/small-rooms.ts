import type { RoomId, UserId } from '../model.ts'

/** Rooms that are small enough to tell each member about the others. */
export interface SmallRooms {
  /**
   * The rooms (direct chats too) of each user that have at most so many members: the newest 1,000 a user. Users without
   * any are missing from the answer.
   */
  smallRoomsOf(users: readonly UserId[], members: number): Promise<ReadonlyMap<UserId, RoomId[]>>
  /** By id, at most `limit`. */
  memberIds(room: RoomId, limit: number): Promise<UserId[]>
}
