import { beforeAll, describe, expect, test } from 'bun:test'
import type { PageWanted, Room, RoomKind, User } from '../../../src/core/index.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister` promises of lists of rooms. */
export function listContract(make: MakeStores): void {
  describe('lists of rooms', () => {
    let world: World
    let ann: User
    let bob: User
    /** Each room by the words that say what it is, in the order of their making. */
    const rooms = new Map<string, Room>()
    /** The rooms of other tests lie before. */
    let start: number

    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
      start = (await world.room([])).id
      const add = async (what: string, owner: User, kind: Exclude<RoomKind, 'direct'>) => {
        const room = await world.room([owner], kind)
        rooms.set(what, room)
        return room
      }
      await add("ann's public", ann, 'public')
      await add("ann's private", ann, 'private')
      await add("bob's public", bob, 'public')
      await add("bob's private", bob, 'private')
      await world.join(await add("bob's public, ann in it", bob, 'public'), ann)
      await world.store.openDirect(ann.id, bob.id)
      const invite = async (room: Room) => world.store.invite(await world.accessFacts(room, bob), bob, [ann])
      await invite(await add("bob's game, ann invited", bob, 'game'))
      const came = await add("bob's private, ann came invited", bob, 'private')
      await invite(came)
      await world.join(came, ann)
      const left = await add("bob's private, ann came invited and left", bob, 'private')
      await invite(left)
      await world.join(left, ann)
      await world.leave(left, ann)
      const gone = await add("ann's public, deleted", ann, 'public')
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      for (const [what, room] of rooms) if (room !== gone) rooms.set(what, await world.now(room))
    })

    test('public rooms are those of that kind', async () => {
      const found = await inPages((page) => world.store.publicRooms(page))
      expect(found).toEqual(named("ann's public", "bob's public", "bob's public, ann in it"))
    })

    test('joined rooms are those of the user, except direct chats', async () => {
      expect(await inPages((page) => world.store.joinedRooms(ann.id, page))).toEqual(
        named("ann's public", "ann's private", "bob's public, ann in it", "bob's private, ann came invited"),
      )
    })

    test('own rooms are those that the user created, is invited to, or joined by invitation', async () => {
      expect(await inPages((page) => world.store.ownRooms(ann.id, page))).toEqual(
        named("ann's public", "ann's private", "bob's game, ann invited", "bob's private, ann came invited"),
      )
    })

    test('enterable rooms are public ones, those of the user, and those with an invitation', async () => {
      const listed = await world.store.enterableRooms(ann.id, { after: start, limit: 100 })
      expect(listed.map(({ room }) => room)).toEqual(
        named(
          "ann's public",
          "ann's private",
          "bob's public",
          "bob's public, ann in it",
          "bob's game, ann invited",
          "bob's private, ann came invited",
        ),
      )
      expect(listed.map(({ isMember }) => isMember)).toEqual([true, true, false, true, false, true])
      const paged = await inPages(async (page) =>
        (await world.store.enterableRooms(ann.id, page)).map(({ room }) => room),
      )
      expect(paged).toEqual(listed.map(({ room }) => room))
    })

    function named(...names: string[]): Room[] {
      return names.flatMap((name) => rooms.get(name) ?? [])
    }

    /** Everything that was made here, read in pages of two. */
    async function inPages(read: (page: PageWanted) => Promise<Room[]>): Promise<Room[]> {
      const found: Room[] = []
      for (let after = start; ; ) {
        const page = await read({ after, limit: 2 })
        expect(page.length).toBeLessThanOrEqual(2)
        const last = page.at(-1)
        if (last === undefined) return found
        found.push(...page)
        after = last.id
      }
    }
  })
}
