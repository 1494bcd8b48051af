import { beforeAll, describe, expect, test } from 'bun:test'
import type { PageWanted, Room, RoomScope, RoomView, User } from '../../../src/core/index.ts'
import { present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomReader.view` and `views` promise. */
export function viewContract(make: MakeStores): void {
  describe('views', () => {
    let world: World
    let ann: User
    let bob: User
    beforeAll(async () => {
      world = new World(await make())
      ;[ann, bob] = await world.pair()
    })

    test('depend on the reader: member, invited or neither', async () => {
      const room = await world.room([ann], 'private')
      await world.send(room, ann, 'words')
      await world.mark(room, ann, 1)
      const see = async (user: User) => present(await world.store.view({ id: room.id }, user.id))
      const none = { readSeq: seq(0), deliveredSeq: seq(0), unread: 0, mentions: 0, other: null }
      expect(await see(bob)).toEqual({ room: await world.now(room), role: null, invited: false, ...none })
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      expect(await see(bob)).toEqual({ room: await world.now(room), role: null, invited: true, ...none })
      await world.join(room, bob)
      await world.send(room, ann, 'more')
      const marks = { readSeq: seq(4), deliveredSeq: seq(4), unread: 1, mentions: 0, other: null }
      expect(await see(bob)).toEqual({
        room: await world.now(room),
        role: 'member',
        invited: false,
        ...marks,
      })
    })

    test('can be found by name', async () => {
      const room = await world.room([ann])
      const name = present(room.name)
      const view = await world.store.view({ name }, ann.id)
      expect(view).toEqual(await world.store.view({ id: room.id }, ann.id))
      expect(view).toMatchObject({ room, role: 'owner' })
      for (const other of [name.slice(0, -1), '', '\0', '\ud800']) {
        expect(await world.store.view({ name: other }, ann.id)).toBeNull()
      }
    })

    test('of a direct chat contain the other user', async () => {
      const { room } = await world.store.openDirect(ann.id, bob.id)
      const see = async (user: User) => present(await world.store.view({ id: room.id }, user.id))
      expect(await see(ann)).toMatchObject({ room, role: 'member', other: bob })
      expect(await see(bob)).toMatchObject({ room, role: 'member', other: ann })
      expect(await see(await world.user())).toMatchObject({ role: null, other: null })
    })

    test('are listed by scope, in pages by id', async () => {
      const [cid, dan] = await world.pair()
      const before = (await world.room([])).id
      const add = (owner: User, kind: 'public' | 'private') => world.room([owner], kind)
      const [own, secret] = [await add(cid, 'public'), await add(cid, 'private')]
      const [open, closed] = [await add(dan, 'public'), await add(dan, 'private')]
      const entered = await add(dan, 'public')
      await world.join(entered, cid)
      const direct = (await world.store.openDirect(cid.id, dan.id)).room
      const asked = await add(dan, 'private')
      const askedToo = await add(dan, 'public')
      for (const room of [asked, askedToo]) {
        await world.store.invite(await world.accessFacts(room, dan), dan, [cid])
      }
      const gone = await add(cid, 'public')
      await world.store.deleteRoom(await world.accessFacts(gone, cid), cid.id)
      await world.send(entered, dan, 'words')

      const expected: Record<RoomScope, Room[]> = {
        joined: [own, secret, entered, direct],
        invited: [asked, askedToo],
        public: [own, open, entered, askedToo],
        direct: [direct],
      }
      for (const scope of ['joined', 'invited', 'public', 'direct'] as const) {
        const found = await inPages(before, (page) => world.store.views(cid.id, scope, page))
        expect(found.map(({ room }) => room.id)).toEqual(expected[scope].map(({ id: room }) => room))
        for (const view of found) {
          expect(view).toEqual(present(await world.store.view({ id: view.room.id }, cid.id)))
          expect(view.room).toEqual(await world.now(view.room))
        }
      }
      expect(await world.store.views(cid.id, 'joined', { after: closed.id, limit: 1 })).toMatchObject([
        { room: { id: entered.id }, unread: 1 },
      ])
      expect(await world.store.views((await world.user()).id, 'joined', { after: 0, limit: 9 })).toEqual([])
    })
  })
}

async function inPages(start: number, read: (page: PageWanted) => Promise<RoomView[]>): Promise<RoomView[]> {
  const found: RoomView[] = []
  for (let after = start; ; ) {
    const page = await read({ after, limit: 2 })
    expect(page.length).toBeLessThanOrEqual(2)
    const last = page.at(-1)
    if (last === undefined) return found
    found.push(...page)
    after = last.room.id
  }
}
