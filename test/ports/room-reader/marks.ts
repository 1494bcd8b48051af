import { beforeAll, describe, expect, test } from 'bun:test'
import type { MarksWanted } from '../../../src/core/index.ts'
import { present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomReader.moveMarks` promises. */
export function markContract(make: MakeStores): void {
  describe('marks', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('move forward only, not past the last number; a read message is also delivered', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.send(room, ann, 'a', 'b', 'c', 'd')
      const stand = async (read: number, delivered: number) => {
        const { readSeq, deliveredSeq, moved } = present(await world.mark(room, bob, read, delivered))
        return [readSeq, deliveredSeq, moved]
      }
      expect(await stand(0, 0)).toEqual([seq(2), seq(2), false])
      expect(await stand(0, 3)).toEqual([seq(2), seq(3), true])
      expect(await stand(4, 0)).toEqual([seq(4), seq(4), true])
      expect(await stand(3, 2)).toEqual([seq(4), seq(4), false])
      expect(await stand(4, 5)).toEqual([seq(4), seq(5), true])
      expect(await stand(0, Number.MAX_SAFE_INTEGER)).toEqual([seq(4), seq(6), true])
      expect(await stand(Number.MAX_SAFE_INTEGER, 0)).toEqual([seq(6), seq(6), true])
      expect(await stand(6, 6)).toEqual([seq(6), seq(6), false])
      const member = await world.store.member(room.id, bob.id)
      expect(member).toMatchObject({ readSeq: seq(6), deliveredSeq: seq(6) })
    })

    test('of a new member are at the number of the joining', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      await world.send(room, ann, 'a', 'b')
      const { seq: at } = await world.join(room, bob)
      expect(await world.mark(room, bob, 0)).toMatchObject({ readSeq: at, deliveredSeq: at, unread: 0 })
    })

    test('move many in one call, with results in its order, and affect no other member', async () => {
      const users = await world.users(3)
      const [ann, bob, cid] = [present(users[0]), present(users[1]), present(users[2])]
      const [one, two] = [await world.room([ann, bob]), await world.room([ann, bob, cid])]
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      for (const room of [one, two]) await world.send(room, ann, 'a', 'b', 'c')
      const to = (room: { id: MarksWanted['room'] }, user: { id: MarksWanted['user'] }, at: number) => ({
        room: room.id,
        user: user.id,
        readSeq: seq(at),
        deliveredSeq: seq(0),
      })
      const moved = await world.store.moveMarks([
        to(two, cid, 99),
        to(one, cid, 1),
        to(gone, ann, 1),
        to(one, bob, 4),
        to(two, ann, 5),
      ])
      expect(moved).toEqual([
        {
          readSeq: seq(6),
          shownReadSeq: seq(6),
          deliveredSeq: seq(6),
          unread: 0,
          mentions: 0,
          head: seq(6),
          members: 3,
          moved: true,
          number: null,
        },
        null,
        null,
        {
          readSeq: seq(4),
          shownReadSeq: seq(4),
          deliveredSeq: seq(4),
          unread: 1,
          mentions: 0,
          head: seq(5),
          members: 2,
          moved: true,
          number: null,
        },
        {
          readSeq: seq(5),
          shownReadSeq: seq(5),
          deliveredSeq: seq(5),
          unread: 0,
          mentions: 0,
          head: seq(6),
          members: 3,
          moved: true,
          number: null,
        },
      ])
      const others = [await world.store.member(one.id, ann.id), await world.store.member(two.id, bob.id)]
      expect(others.map((member) => member?.readSeq)).toEqual([seq(1), seq(2)])
      expect(await world.store.moveMarks([])).toEqual([])
    })

    test('end with the membership, and start again with the next one', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.mark(room, bob, 2)
      await world.leave(room, bob)
      expect(await world.mark(room, bob, 3)).toBeNull()
      await world.join(room, bob)
      expect(await world.mark(room, bob, 0)).toMatchObject({ readSeq: seq(4) })
    })

    test('end at the highest of many simultaneous calls, in any order', async () => {
      const users = await world.users(4)
      const rooms = await Promise.all(Array.from({ length: 3 }, () => world.room(users)))
      for (const room of rooms) {
        const bodies = Array.from({ length: 20 }, (_, i) => `${i}`)
        await world.send(room, present(users[0]), ...bodies)
      }
      const pairs = rooms.flatMap((room) => users.map((user) => ({ room: room.id, user: user.id })))
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const at = seq(5 + ((i * 7) % 20))
          const wanted = pairs.map((pair) => ({ ...pair, readSeq: seq(0), deliveredSeq: at }))
          // Whatever the order of the rooms in a call, no two calls may wait for each other.
          const turned = i % 3 === 0 ? wanted.toReversed() : wanted
          return (i % 2 === 0 ? world.store : world.other).moveMarks(turned)
        }),
      )
      for (const { room, user } of pairs) {
        expect((await world.store.member(room, user))?.deliveredSeq).toBe(seq(24))
      }
    })
  })
}
