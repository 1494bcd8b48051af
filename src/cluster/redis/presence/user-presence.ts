import { ChatError, isId, type UserId, type UserPresence } from '../../../core/index.ts'
import { createMemoryUserPresence } from '../../local/index.ts'
import type { RedisClient } from '../connection/index.ts'
import type { Holders } from './holders.ts'
import type { Tell } from './tell.ts'

export interface SharedUsers {
  readonly port: UserPresence
  /** Tells Redis of all users online on this node. */
  tellAll(node: string): Promise<void>
  /** Removes what a node holds. @param gone called with the users whom no other node holds */
  undo(node: string, gone: (users: readonly UserId[]) => void): Promise<void>
}

/** The number of hashes over which users are spread; the hashes lie in different slots of a Redis Cluster. */
const SLOTS = 16

/** Keeps which users are online, each with their nodes. */
export function createUserPresence(
  client: RedisClient,
  holders: Holders,
  space: string,
  tell: Tell,
): SharedUsers {
  const own = createMemoryUserPresence()
  const keyOf = (user: UserId) => slotKey(user % SLOTS)
  const slotKey = (slot: number) => `${space}:{u${slot}}:online`

  function bySlot(users: Iterable<UserId>): [key: string, users: UserId[]][] {
    const slots = Map.groupBy(users, (user) => user % SLOTS)
    return [...slots].map(([slot, some]) => [slotKey(slot), some])
  }

  /** @throws ChatError `unavailable` if Redis is away: the caller retries */
  async function told(run: (node: string) => Promise<UserId[]>): Promise<boolean> {
    const alone = await tell(run)
    if (alone === null) throw new ChatError('unavailable', 'Redis is not available', { retryAfterMs: 1000 })
    return alone.length > 0
  }

  return {
    port: {
      async arrive(user) {
        void own.arrive(user)
        return told((node) => holders.take(keyOf(user), [user], node))
      },
      async depart(user) {
        void own.depart(user)
        return told((node) => holders.release(keyOf(user), [user], node))
      },
      async online(users) {
        const here = own.online(users)
        return (await tell(() => onlineOf(users))) ?? (await here)
      },
    },

    async tellAll(node) {
      for (const [key, users] of bySlot(own.here)) {
        await holders.take(key, users, node)
        // A user who has left meanwhile may have been released before.
        const left = users.filter((user) => !own.here.has(user))
        if (left.length > 0) await holders.release(key, left, node)
      }
    },

    async undo(node, gone) {
      for (let slot = 0; slot < SLOTS; slot++) {
        for await (const held of holders.heldBy(slotKey(slot), node)) {
          const alone = await holders.undo(slotKey(slot), held.filter(isId), node)
          if (alone.length > 0) gone(alone)
        }
      }
    },
  }

  async function onlineOf(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const found = bySlot(users).map(async ([key, some]) => {
      const nodes = await client.hmget(key, ...some.map(String))
      return some.filter((_, index) => Boolean(nodes[index]))
    })
    return new Set((await Promise.all(found)).flat())
  }
}
