import type { RoomId, RoomPresence, UserId, UserPresence } from '../core/index.ts'

/** Counts the connections of one node; bounded by its limit of connections. */
export function createMemoryRoomPresence(): RoomPresence {
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
    async count(room) {
      return counts.get(room)?.size ?? 0
    },
  }
}

/**
 * The users of one node; bounded by its limit of connections.
 * @param nodes the users of every node, itself not yet among them
 */
export function createMemoryUserPresence(nodes: Set<ReadonlySet<UserId>> = new Set()): UserPresence {
  const here = new Set<UserId>()
  nodes.add(here)
  const isOnline = (user: UserId) => [...nodes].some((node) => node.has(user))
  return {
    async arrive(user) {
      here.delete(user)
      const first = !isOnline(user)
      here.add(user)
      return first
    },
    async depart(user) {
      here.delete(user)
      return !isOnline(user)
    },
    async online(users) {
      return new Set(users.filter(isOnline))
    },
  }
}
