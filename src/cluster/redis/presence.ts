import {
  ChatError,
  isId,
  type RoomId,
  type RoomPresence,
  type UserId,
  type UserPresence,
} from '../../core/index.ts'
import { createMemoryRoomPresence, createMemoryUserPresence } from '../memory-presence.ts'
import type { RedisClient } from './clients.ts'
import { Holders } from './holders.ts'
import { keyspace } from './keys.ts'
import { NodeLease } from './node-lease.ts'

export interface RedisPresenceHandlers {
  /** Users whose last connections were on a node that has died. */
  offline(users: readonly UserId[]): void
  /** The same for a room. */
  departed(room: RoomId, users: readonly UserId[]): void
  failure(error: unknown): void
}

export interface RedisPresence {
  readonly users: UserPresence
  readonly rooms: RoomPresence
  /** This node is gone, with all that it held. */
  close(): Promise<void>
}

/** Users are spread over so many hashes, and these over the slots of a Redis Cluster. */
const SLOTS = 16
/** How many are told to Redis at once after it was away. */
const PIECE = 200

/**
 * Who is online and where, over all nodes. What is of this node it knows by itself, and answers by that where Redis is away;
 * when it is back, all is told anew. A node that dies takes along what it held, once its lease is over.
 */
export async function createRedisPresence(
  client: RedisClient,
  prefix: string,
  node: string,
  handlers: RedisPresenceHandlers,
): Promise<RedisPresence> {
  const space = keyspace(prefix)
  const ownUsers = createMemoryUserPresence()
  const ownRooms = createMemoryRoomPresence()
  const here = { users: new Set<UserId>(), rooms: new Map<RoomId, Set<UserId>>() }
  const lease = new NodeLease(client, prefix, node, {
    renamed: () => void tellAll().catch(failed),
    died: tidyUp,
    failure: handlers.failure,
  })
  const holders = new Holders(client, lease)

  const usersKey = (user: UserId) => slotKey(user % SLOTS)
  const slotKey = (slot: number) => `${space}:{u${slot}}:online`
  const roomKey = (room: RoomId) => `${space}:{r${room}}:here`
  const roomsOf = (name: string) => `${space}:{n${name}}:rooms`

  function failed(error: unknown): void {
    lease.doubt()
    handlers.failure(error)
  }

  /** What Redis says; where it can't be asked, what this node knows. */
  async function asked<T>(ask: () => Promise<T>, own: T): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      failed(error)
      return own
    }
  }

  /** @throws ChatError `unavailable`: whoever asked tries again */
  async function told<T>(tell: () => Promise<T>): Promise<T> {
    try {
      return await tell()
    } catch (error) {
      failed(error)
      throw new ChatError('unavailable', 'Redis is not available', { retryAfterMs: 1000 })
    }
  }

  async function tellAll(): Promise<void> {
    await inPieces([...here.users], (user) => holders.take(usersKey(user), user))
    for (const [room, users] of [...here.rooms]) {
      await client.sadd(roomsOf(lease.name), room)
      await inPieces([...users], (user) => holders.take(roomKey(room), user))
    }
  }

  async function tidyUp(dead: string): Promise<void> {
    for (let slot = 0; slot < SLOTS; slot++) {
      const gone = await releaseAll(slotKey(slot), dead)
      if (gone.length > 0) handlers.offline(gone)
    }
    for (const text of await client.smembers(roomsOf(dead))) {
      const room = Number(text)
      if (!isId(room)) continue
      const gone = await releaseAll(roomKey(room), dead)
      if (gone.length > 0) handlers.departed(room, gone)
    }
    await client.del(roomsOf(dead))
  }

  /** @returns whom no other node holds */
  async function releaseAll(key: string, dead: string): Promise<UserId[]> {
    const gone: UserId[] = []
    for await (const user of holders.heldBy(key, dead)) {
      if (isId(user) && !(await holders.release(key, user, dead))) gone.push(user)
    }
    return gone
  }

  async function takeRoom(room: RoomId, user: UserId): Promise<boolean> {
    if (here.rooms.get(room)?.size === 1) await client.sadd(roomsOf(lease.name), room)
    return !(await holders.take(roomKey(room), user))
  }

  async function releaseRoom(room: RoomId, user: UserId): Promise<boolean> {
    const last = !(await holders.release(roomKey(room), user))
    if (!here.rooms.has(room)) await client.srem(roomsOf(lease.name), room)
    return last
  }

  await lease.renew()
  return {
    users: {
      async arrive(user) {
        await ownUsers.arrive(user)
        here.users.add(user)
        return told(async () => !(await holders.take(usersKey(user), user)))
      },
      async depart(user) {
        await ownUsers.depart(user)
        here.users.delete(user)
        return told(async () => !(await holders.release(usersKey(user), user)))
      },
      async online(users) {
        return asked(() => onlineOf(users), await ownUsers.online(users))
      },
    },
    rooms: {
      async enter(room, user) {
        if (!(await ownRooms.enter(room, user))) return false
        const users = here.rooms.get(room) ?? new Set()
        here.rooms.set(room, users.add(user))
        return asked(() => takeRoom(room, user), true)
      },
      async leave(room, user) {
        if (!(await ownRooms.leave(room, user))) return false
        const users = here.rooms.get(room)
        users?.delete(user)
        if (users?.size === 0) here.rooms.delete(room)
        return asked(() => releaseRoom(room, user), true)
      },
      async count(room) {
        return asked(() => client.hlen(roomKey(room)), await ownRooms.count(room))
      },
    },
    close: () => lease.close(),
  }

  async function onlineOf(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const online = new Set<UserId>()
    await Promise.all(
      Array.from({ length: SLOTS }, async (_, slot) => {
        const some = users.filter((user) => user % SLOTS === slot)
        if (some.length === 0) return
        const nodes = await client.hmget(slotKey(slot), ...some.map(String))
        some.forEach((user, index) => {
          if (nodes[index]) online.add(user)
        })
      }),
    )
    return online
  }
}

async function inPieces<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += PIECE) {
    await Promise.all(items.slice(from, from + PIECE).map(run))
  }
}
