import { beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId, RoomPresence, UserId } from '../../src/core/index.ts'
import { id } from '../core/fakes/values.ts'

/** The presence of two nodes that count together; a node that is alone gives its own twice. */
export type MakePresence = () => Promise<readonly [RoomPresence, RoomPresence]>

/** What `RoomPresence` promises. */
export function roomPresenceContract(make: MakePresence): void {
  describe('room presence', () => {
    let one: RoomPresence
    let two: RoomPresence
    let made = 0
    beforeAll(async () => {
      ;[one, two] = await make()
    })

    test('reports whether a connection is the user’s first or last', async () => {
      const [room, user] = fresh()
      expect(await one.enter(room, user)).toBe(true)
      expect(await two.enter(room, user)).toBe(false)
      expect(await one.enter(room, user)).toBe(false)
      expect(await one.leave(room, user)).toBe(false)
      expect(await two.leave(room, user)).toBe(false)
      expect(await one.leave(room, user)).toBe(true)
      expect(await two.enter(room, user)).toBe(true)
      expect(await two.leave(room, user)).toBe(true)
    })

    test('counts each user in each room separately', async () => {
      const [room, user] = fresh()
      const [otherRoom, otherUser] = fresh()
      expect(await one.enter(room, user)).toBe(true)
      expect(await one.enter(room, otherUser)).toBe(true)
      expect(await one.enter(otherRoom, user)).toBe(true)
      expect(await one.leave(room, user)).toBe(true)
      expect(await one.enter(room, otherUser)).toBe(false)
      expect(await one.leave(otherRoom, user)).toBe(true)
      expect(await one.leave(room, otherUser)).toBe(false)
      expect(await one.leave(room, otherUser)).toBe(true)
    })

    test('ignores the departure of a user who is not there, and keeps the count right', async () => {
      const [room, user] = fresh()
      expect(await one.leave(room, user)).toBe(false)
      expect(await one.enter(room, user)).toBe(true)
      expect(await one.leave(room, user)).toBe(true)
      expect(await one.leave(room, user)).toBe(false)
      expect(await one.enter(room, user)).toBe(true)
    })

    test('knows how many users are connected to a room, however many connections each has', async () => {
      const [room, ann] = fresh()
      const [otherRoom, bob] = fresh()
      const counts = async () => [await one.count(room), await two.count(room), await one.count(otherRoom)]
      expect(await counts()).toEqual([0, 0, 0])
      await one.enter(room, ann)
      await one.enter(room, ann)
      await two.enter(room, ann)
      await one.enter(otherRoom, ann)
      expect(await counts()).toEqual([1, 1, 1])
      await two.enter(room, bob)
      expect(await counts()).toEqual([2, 2, 1])
      await one.leave(room, ann)
      await two.leave(room, bob)
      await two.leave(room, bob)
      expect(await counts()).toEqual([1, 1, 1])
      await one.leave(room, ann)
      await two.leave(room, ann)
      expect(await counts()).toEqual([0, 0, 1])
    })

    test('of simultaneous arrivals or departures one is the first, and one the last', async () => {
      const [room, user] = fresh()
      const nodes = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two))
      const came = await Promise.all(nodes.map((node) => node.enter(room, user)))
      expect(came.filter((first) => first)).toHaveLength(1)
      const went = await Promise.all(nodes.map((node) => node.leave(room, user)))
      expect(went.filter((last) => last)).toHaveLength(1)
    })

    test('a user who leaves while the arrival is under way ends up gone, and vice versa', async () => {
      const [room, user] = fresh()
      for (let i = 0; i < 20; i++) {
        expect(await Promise.all([one.enter(room, user), one.leave(room, user)])).toEqual([true, true])
        expect([await one.count(room), await two.count(room)]).toEqual([0, 0])
      }
      await one.enter(room, user)
      for (let i = 0; i < 20; i++) {
        expect(await Promise.all([one.leave(room, user), one.enter(room, user)])).toEqual([true, true])
        expect([await one.count(room), await two.count(room)]).toEqual([1, 1])
      }
      await one.leave(room, user)
    })

    /** A room and a user that no other test has. */
    function fresh(): [RoomId, UserId] {
      made += 2
      return [id(made), id(made + 1)]
    }
  })
}
