import type {
  ConnectionCounts,
  Crowded,
  RoomId,
  RoomPresence,
  UserId,
  UserPresence,
} from '../../../core/index.ts'
import { keyspace, type RedisClient } from '../connection/index.ts'
import { type ConnectionLimits, createConnectionCounts } from '../limits/index.ts'
import { Holders } from './holders.ts'
import { type LeaseTimes, NodeLease } from './node-lease.ts'
import { createRoomPresence } from './room-presence.ts'
import { createUserPresence } from './user-presence.ts'

export interface RedisPresenceHandlers {
  /** Another node has died: its last events and signals may not have been told. */
  died(): void
  /** Users whose last connections were on a node that has died. */
  offline(users: readonly UserId[]): void
  /** The same for a room. */
  departed(room: RoomId, users: readonly UserId[]): void
  /** Other nodes took this one for dead, and announced that its users are offline. */
  buried(): void
  readonly crowded: Crowded
  failure(error: unknown): void
}

export interface RedisPresence {
  readonly users: UserPresence
  readonly rooms: RoomPresence
  readonly connections: ConnectionCounts
  /** Whether the others know that this node lives. */
  readonly healthy: boolean
  /** Checks now, rather than at the next renewal, that Redis still knows this node. Never rejects. */
  check(): Promise<void>
  /** Removes this node with all that it holds. */
  close(): Promise<void>
}

export const LEASE_TIMES: LeaseTimes = { leaseMs: 10_000, renewMs: 2500 }

/**
 * Keeps over all nodes which users are online, in which rooms, and with how many connections. A node knows its own users, and answers
 * by these while Redis is away; when Redis is back, the node tells everything anew. What a dead node held is removed once its lease has
 * expired.
 * @param node a name that no other node ever has, without a dot
 */
export async function createRedisPresence(
  client: RedisClient,
  prefix: string,
  node: string,
  limits: ConnectionLimits,
  handlers: RedisPresenceHandlers,
  times = LEASE_TIMES,
): Promise<RedisPresence> {
  const space = keyspace(prefix)
  const holders = new Holders(client)
  const users = createUserPresence(client, holders, space, tell)
  const rooms = createRoomPresence(client, holders, space, tell)
  const connections = createConnectionCounts(client, space, tell, limits, handlers.crowded)

  const lease = new NodeLease(client, prefix, node, times, {
    async tellAll(name) {
      await users.tellAll(name)
      await rooms.tellAll(name)
      await connections.tellAll(name)
    },
    async undo(name, own) {
      if (!own) handlers.died()
      await users.undo(name, handlers.offline)
      // The users who left this node while Redis was away were announced then.
      await rooms.undo(name, own ? () => undefined : handlers.departed)
      await connections.undo(name)
    },
    buried: handlers.buried,
    failure: handlers.failure,
  })

  async function tell<T extends object | number>(run: (name: string) => Promise<T>): Promise<T | null> {
    try {
      // Without a lease no node would ever remove it.
      if (lease.name === null) throw new Error('this node has no lease')
      return await run(lease.name)
    } catch (error) {
      lease.doubt()
      handlers.failure(error)
      return null
    }
  }

  await lease.renew()
  return {
    users: users.port,
    rooms: rooms.port,
    connections: connections.port,
    get healthy() {
      return lease.healthy
    },
    check: () => lease.renew(),
    close() {
      connections.close()
      return lease.close()
    },
  }
}
