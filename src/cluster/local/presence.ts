import type { RoomId, RoomPresence, UserId, UserPresence } from '../../core/index.ts'

/** The presence of a node, which can be listed to tell it to the others. */
export interface OwnRoomPresence extends RoomPresence {
  /** The users connected to this node, by room. */
  readonly here: ReadonlyMap<RoomId, ReadonlyMap<UserId, number>>
}

export interface OwnUserPresence extends UserPresence {
  /** The users online on this node. */
  readonly here: ReadonlySet<UserId>
}

/** Counts the connections of one node; bounded by its limit of connections. Calls take effect at once. */
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
 * Keeps the users of one node; bounded by its limit of connections. Calls take effect at once.
 * @param nodes the users of the other nodes; those of this one are added
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
