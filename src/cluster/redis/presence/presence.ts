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
  /** Another node has died: what it committed and said at the end may not have been told. */
  died(): void
  /** Users whose last connections were on a node that has died. */
  offline(users: readonly UserId[]): void
  /** The same for a room. */
  departed(room: RoomId, users: readonly UserId[]): void
  /** Other nodes took this one for dead, and told that its users are offline. */
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
  /** Looks now whether Redis still knows of this node, rather than when it is time. Never rejects. */
  check(): Promise<void>
  /** This node is gone, with all that it held. */
  close(): Promise<void>
}

export const LEASE_TIMES: LeaseTimes = { leaseMs: 10_000, renewMs: 2500 }

/**
 * Who is online and where, and with how many connections, over all nodes. What is of this node it knows by itself, and answers by that where Redis is away;
 * when it is back, all is told anew. A node that dies takes along what it held, once its lease is over.
 * @param node unlike that of any other node, at any time, and without a dot
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
      // Those who left this node while Redis was away were announced then.
      await rooms.undo(name, own ? () => undefined : handlers.departed)
      await connections.undo(name)
    },
    buried: handlers.buried,
    failure: handlers.failure,
  })

  async function tell<T extends object | number>(run: (name: string) => Promise<T>): Promise<T | null> {
    try {
      // Without a lease nobody would ever undo it.
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
