import { isId, type RoomId, type RoomPresence, type UserId } from '../../../core/index.ts'
import { createMemoryRoomPresence } from '../../local/index.ts'
import type { RedisClient } from '../connection/index.ts'
import { Turns } from '../turns.ts'
import type { Holders } from './holders.ts'
import type { Tell } from './tell.ts'

export interface SharedRooms {
  readonly port: RoomPresence
  /** Tells Redis of all users connected to this node. */
  tellAll(node: string): Promise<void>
  /** Removes what a node holds. @param gone called with the users whom no other node holds, by room */
  undo(node: string, gone: (room: RoomId, users: readonly UserId[]) => void): Promise<void>
}

/**
 * Keeps which users are connected to which room: the users of each room with their nodes, and the rooms of each node, by which the rest
 * of a dead node is found. While Redis is away, a node answers by what it knows.
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

  /** Keeps the order of what happens to one user in one room. */
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
          // Written each time, since Redis may have been flushed: what a dead node holds is found by its rooms.
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
        // A user who has left meanwhile may have been released before.
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
