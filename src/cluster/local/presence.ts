import type { RoomId, RoomPresence, UserId, UserPresence } from '../../core/index.ts'

/** A node's own, which can be told to the others. */
export interface OwnRoomPresence extends RoomPresence {
  /** Who is connected here, by room. */
  readonly here: ReadonlyMap<RoomId, ReadonlyMap<UserId, number>>
}

export interface OwnUserPresence extends UserPresence {
  /** Who is online here. */
  readonly here: ReadonlySet<UserId>
}

/** Counts the connections of one node; bounded by its limit of connections. What is said has its effect at once. */
export function createMemoryRoomPresence(): OwnRoomPresence {
  const counts = new Map<RoomId, Map<UserId, number>>()
  return {
    here: counts,
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
 * The users of one node; bounded by its limit of connections. What is said has its effect at once.
 * @param nodes the users of every node, itself not yet among them
 */
export function createMemoryUserPresence(nodes: Set<ReadonlySet<UserId>> = new Set()): OwnUserPresence {
  const here = new Set<UserId>()
  nodes.add(here)
  const isOnline = (user: UserId) => [...nodes].some((node) => node.has(user))
  return {
    here,
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
