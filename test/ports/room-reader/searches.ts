import { beforeAll, describe, expect, test } from 'bun:test'
import type { RoomView, User } from '../../../src/core/index.ts'
import { present } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomReader.roomsNamed` and `recentRooms` promise. */
export function searchContract(make: MakeStores): void {
  describe('searches', () => {
    let world: World
    let ann: User
    let bob: User
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
    })

    const made = async (name: string, kind: 'public' | 'private', owner: User) => {
      const wanted = { name, kind, creator: owner, description: '', avatar: '', invited: [] }
      return (await world.store.createRoom(wanted)).room
    }
    const names = (views: readonly RoomView[]) => views.map(({ room }) => room.name)

    test('find public rooms and own ones by how their names begin, whatever the case', async () => {
      const tag = crypto.randomUUID()
      for (const name of ['b', 'A', 'ab', 'c_', 'c%']) await made(`${tag}-${name}`, 'public', bob)
      await made(`${tag}-Az`, 'private', ann)
      await made(`${tag}-az hidden`, 'private', bob)
      const gone = await made(`${tag}-a gone`, 'public', ann)
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      const find = async (prefix: string, limit = 50) =>
        names(await world.store.roomsNamed(ann.id, `${tag}-${prefix}`, limit))
      expect(await find('a')).toEqual([`${tag}-A`, `${tag}-ab`, `${tag}-Az`])
      expect(await find('A', 2)).toEqual([`${tag}-A`, `${tag}-ab`])
      expect(await find('AZ')).toEqual([`${tag}-Az`])
      expect(await find('c_')).toEqual([`${tag}-c_`])
      expect(await find('c%')).toEqual([`${tag}-c%`])
      expect(await find('b')).toEqual([`${tag}-b`])
      expect(await find('nothing')).toEqual([])
      for (const none of ['\0', '\ud800', 'x'.repeat(101)])
        expect(await world.store.roomsNamed(ann.id, none, 50)).toEqual([])
    })

    test('show rooms as the reader sees them, each once', async () => {
      const room = await made(`once ${crypto.randomUUID()}`, 'public', ann)
      const [view, ...more] = await world.store.roomsNamed(ann.id, present(room.name), 50)
      expect(view).toEqual(present(await world.store.view({ id: room.id }, ann.id)))
      expect(more).toEqual([])
      expect(await world.store.roomsNamed(bob.id, present(room.name), 50)).toMatchObject([{ role: null }])
    })

    test('list own rooms by their latest message, with it or its tombstone', async () => {
      const [cid, dan] = await world.pair()
      const [first, second, empty] = [
        await world.room([cid]),
        await world.room([cid]),
        await world.room([cid]),
      ]
      const direct = (await world.store.openDirect(cid.id, dan.id)).room
      const [one] = await world.send(first, cid, 'one')
      await world.send(second, cid, 'two')
      const [three] = await world.send(direct, dan, 'three')
      const recent = (skip: number, limit: number) => world.store.recentRooms(cid.id, { skip, limit })
      // A room without messages stands where it was made.
      expect((await recent(0, 10)).map(({ view }) => view.room.id)).toEqual([
        direct.id,
        second.id,
        first.id,
        empty.id,
      ])
      expect((await recent(1, 2)).map(({ view }) => view.room.id)).toEqual([second.id, first.id])
      expect((await recent(4, 10)).length).toBe(0)
      const listed = await recent(0, 10)
      expect(listed.map(({ lastMessage }) => lastMessage?.body ?? null)).toEqual([
        'three',
        'two',
        'one',
        null,
      ])
      expect(listed[0]?.view).toEqual(present(await world.store.view({ id: direct.id }, cid.id)))

      await world.revise(direct, dan, present(three), null)
      await world.revise(first, cid, present(one), 'uno')
      const later = await recent(0, 10)
      expect(later.map(({ lastMessage }) => lastMessage?.body ?? null)).toEqual(['', 'two', 'uno', null])
      expect(later[0]?.lastMessage?.deletedAt).toBeInstanceOf(Date)
    })
  })
}
