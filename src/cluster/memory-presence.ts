import type { RoomId, RoomPresence, UserId } from '../core/index.ts'

/** Counts the connections of one node; bounded by its limit of connections. */
export function createMemoryPresence(): RoomPresence {
  const counts = new Map<RoomId, Map<UserId, number>>()
  return {
    async enter(room, user) {
      const users = counts.get(room) ?? new Map<UserId, number>()
      counts.set(room, users)
      const count = (users.get(user) ?? 0) + 1
      users.set(user, count)
      return count === 1
    },
    async leave(room, user) {
      const users = counts.get(room)
      const count = users?.get(user)
      if (users === undefined || count === undefined) return false
      if (count > 1) {
        users.set(user, count - 1)
        return false
      }
      users.delete(user)
      if (users.size === 0) counts.delete(room)
      return true
    },
  }
}
