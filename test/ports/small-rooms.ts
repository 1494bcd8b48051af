import { beforeAll, describe, expect, test } from 'bun:test'
import type { User } from '../../src/core/index.ts'
import { id } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `SmallRooms` promises. */
export function smallRoomsContract(make: MakeStores): void {
  describe('small rooms', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('of each user are those up to a number of members, of every kind, newest first', async () => {
      const [ann, bob, eve] = await three()
      const alone = await world.room([ann], 'private')
      const both = await world.room([ann, bob], 'game')
      const all = await world.room([ann, bob, eve])
      const { room: direct } = await world.store.openDirect(bob.id, ann.id)
      const smallOf = (limit: number) => world.other.smallRoomsOf([bob.id, ann.id, eve.id], limit)
      expect(await smallOf(3)).toEqual(
        new Map([
          [ann.id, [direct.id, all.id, both.id, alone.id]],
          [bob.id, [direct.id, all.id, both.id]],
          [eve.id, [all.id]],
        ]),
      )
      expect(await smallOf(2)).toEqual(
        new Map([
          [ann.id, [direct.id, both.id, alone.id]],
          [bob.id, [direct.id, both.id]],
        ]),
      )
      expect(await smallOf(0)).toEqual(new Map())
    })

    test('are existing rooms of which the user is a member', async () => {
      const [ann, bob] = await world.pair()
      const kept = await world.room([bob, ann])
      const left = await world.room([bob, ann])
      const gone = await world.room([ann, bob])
      const invited = await world.room([bob], 'private')
      await world.store.invite(await world.accessFacts(invited, bob), bob, [ann])
      await world.leave(left, ann)
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      expect(await world.store.smallRoomsOf([ann.id], 10)).toEqual(new Map([[ann.id, [kept.id]]]))
      expect(await world.store.smallRoomsOf([id(Number.MAX_SAFE_INTEGER)], 10)).toEqual(new Map())
      expect(await world.store.smallRoomsOf([], 10)).toEqual(new Map())
    })

    test('are at most the newest thousand', async () => {
      const ann = await world.user()
      const rooms = await Promise.all(Array.from({ length: 1001 }, () => world.room([ann], 'private')))
      const newest = rooms.map((room) => room.id).toSorted((a, b) => b - a)
      expect(await world.store.smallRoomsOf([ann.id], 1)).toEqual(new Map([[ann.id, newest.slice(0, 1000)]]))
    })

    test('have their members by id, up to a limit', async () => {
      const [ann, bob, eve] = await three()
      const room = await world.room([eve, ann, bob])
      const ids = [ann.id, bob.id, eve.id].toSorted((a, b) => a - b)
      expect(await world.store.memberIds(room.id, 10)).toEqual(ids)
      expect(await world.other.memberIds(room.id, 2)).toEqual(ids.slice(0, 2))
      await world.leave(room, bob)
      expect(await world.store.memberIds(room.id, 10)).toEqual(ids.filter((each) => each !== bob.id))
      expect(await world.store.memberIds(id(Number.MAX_SAFE_INTEGER), 10)).toEqual([])
    })

    async function three(): Promise<[User, User, User]> {
      return [...(await world.pair()), await world.user()]
    }
  })
}
