import type { Redis } from 'ioredis'
import { openRedis } from '../../../../src/cluster/redis/connection/clients.ts'
import type { LeaseTimes } from '../../../../src/cluster/redis/presence/node-lease.ts'
import { createRedisPresence, type RedisPresence } from '../../../../src/cluster/redis/presence/presence.ts'
import type { RoomId, UserId } from '../../../../src/core/index.ts'

/** One node's presence, and what has come of it. */
export interface PresenceNode extends RedisPresence {
  readonly offline: UserId[]
  readonly departed: (readonly [RoomId, UserId])[]
  readonly failures: unknown[]
  /** How often it was told that another node died, and that it was itself taken for dead. */
  readonly told: { died: number; buried: number }
  /** It is gone, without a word to anybody. */
  vanish(): void
}

let made = 0

export async function openPresence(url: string, times: LeaseTimes): Promise<PresenceNode> {
  const offline: UserId[] = []
  const departed: (readonly [RoomId, UserId])[] = []
  const failures: unknown[] = []
  const told = { died: 0, buried: 0 }
  let gone = false
  const failure = (error: unknown) => {
    if (!gone) failures.push(error)
  }
  const clients = openRedis(url, failure)
  await clients.ready(2000)
  const presence = await createRedisPresence(
    clients.commands,
    'test',
    `node${++made}`,
    { address: 10, user: 10 },
    {
      died: () => void told.died++,
      offline: (users) => offline.push(...users),
      departed: (room, users) => departed.push(...users.map((user) => [room, user] as const)),
      buried: () => void told.buried++,
      crowded: () => undefined,
      failure,
    },
    times,
  )
  const vanish = () => {
    gone = true
    clients.close()
  }
  return {
    users: presence.users,
    rooms: presence.rooms,
    connections: presence.connections,
    get healthy() {
      return presence.healthy
    },
    check: () => presence.check(),
    offline,
    departed,
    failures,
    told,
    vanish,
    async close() {
      await presence.close()
      vanish()
    },
  }
}

/** Under which names anybody is held in Redis, or rooms are kept. */
export async function heldBy(client: Redis): Promise<string[]> {
  const names = new Set<string>()
  for (const key of await client.keys('test:1:*')) {
    const node = /\{n(.*)\}:rooms$/.exec(key)?.[1]
    if (node !== undefined) names.add(node)
    if (!/:(online|here)$/.test(key)) continue
    for (const held of Object.values(await client.hgetall(key)))
      for (const name of held.split(',')) names.add(name)
  }
  return [...names]
}
