import { isId, type RoomId, type RoomPresence, type UserId } from '../../../core/index.ts'
import { createMemoryRoomPresence } from '../../local/index.ts'
import type { RedisClient } from '../connection/index.ts'
import { Turns } from '../turns.ts'
import type { Holders } from './holders.ts'
import type { Tell } from './tell.ts'

export interface SharedRooms {
  readonly port: RoomPresence
  /** Tells Redis of all who are connected here. */
  tellAll(node: string): Promise<void>
  /** A node holds nobody any more. @param gone told of those whom no other one holds, by room */
  undo(node: string, gone: (room: RoomId, users: readonly UserId[]) => void): Promise<void>
}

/**
 * Who is connected to which room: each room's users with the nodes where they are, and each node's rooms, so that nothing of
 * a dead one is left. Where Redis is away, a node answers by what it knows.
 */
export function createRoomPresence(
  client: RedisClient,
  holders: Holders,
  space: string,
  tell: Tell,
): SharedRooms {
  const own = createMemoryRoomPresence()
  const turns = new Turns()
  const keyOf = (room: RoomId) => `${space}:{r${room}}:here`
  const roomsOf = (node: string) => `${space}:{n${node}}:rooms`
  const isHere = (room: RoomId, user: UserId) => own.here.get(room)?.has(user) === true

  /** What concerns one user in one room goes to Redis in the order in which it happened. */
  function inTurn(room: RoomId, user: UserId, run: (node: string) => Promise<UserId[]>): Promise<boolean> {
    return turns.take(`${room} ${user}`, async () => {
      const alone = await tell(run)
      return alone === null || alone.length > 0
    })
  }

  return {
    port: {
      async enter(room, user) {
        if (!(await own.enter(room, user))) return false
        return inTurn(room, user, async (node) => {
          // Each time, since a flush may have been in between: what a node that dies holds is found by its rooms.
          const [, alone] = await Promise.all([
            client.sadd(roomsOf(node), room),
            holders.take(keyOf(room), [user], node),
          ])
          return alone
        })
      },
      async leave(room, user) {
        if (!(await own.leave(room, user))) return false
        return inTurn(room, user, async (node) => {
          const alone = await holders.release(keyOf(room), [user], node)
          if (!own.here.has(room)) await client.srem(roomsOf(node), room)
          return alone
        })
      },
      async count(room) {
        const here = own.count(room)
        return (await tell(() => client.hlen(keyOf(room)))) ?? (await here)
      },
    },

    async tellAll(node) {
      for (const [room, counts] of [...own.here]) {
        const users = [...counts.keys()]
        if (users.length === 0) continue
        await client.sadd(roomsOf(node), room)
        await holders.take(keyOf(room), users, node)
        // Whoever has left meanwhile may have been let go of before.
        const left = users.filter((user) => !isHere(room, user))
        if (left.length > 0) await holders.release(keyOf(room), left, node)
      }
    },

    async undo(node, gone) {
      for (const text of await client.smembers(roomsOf(node))) {
        const room = Number(text)
        if (!isId(room)) continue
        for await (const held of holders.heldBy(keyOf(room), node)) {
          const alone = await holders.undo(keyOf(room), held.filter(isId), node)
          if (alone.length > 0) gone(room, alone)
        }
      }
      await client.del(roomsOf(node))
    },
  }
}
