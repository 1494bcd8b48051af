import { beforeAll, describe, expect, test } from 'bun:test'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomReader.snapshot` and `facts` promise. */
export function snapshotContract(make: MakeStores): void {
  describe('snapshots and facts', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('show the latest messages, oldest first, with tombstones, and whether there are older ones', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const sent = await world.send(room, ann, 'a', 'b', 'c', 'd')
      await world.revise(room, ann, present(sent[3]), null)
      await world.revise(room, ann, present(sent[1]), 'edited')
      const now = await Promise.all(sent.map(({ seq: at }) => world.read(room, { seq: at })))
      const { messages: all, hasOlder } = present(await world.store.history(room.id, 'latest', 9, SHOW))
      expect([all, hasOlder]).toEqual([now, false])
      const snapshot = async (count: number) => present(await world.store.snapshot(room.id, bob.id, count, 9))
      for (const count of [0, 1, 3, 4, 5, 200]) {
        const { messages, ...rest } = await snapshot(count)
        expect(messages).toEqual(count === 0 ? [] : now.slice(-count))
        expect(rest.hasOlder).toBe(count < 4)
      }
      const { view } = await snapshot(1)
      expect(view).toEqual(present(await world.store.view({ id: room.id }, bob.id)))
    })

    test('have fewer messages if these are long, and say that there are older ones', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const long = 'x'.repeat(100_000)
      const sent = await world.send(room, ann, ...Array.from({ length: 6 }, (_, n) => `${n}${long}`))
      for (const [count, shown] of [
        [2, 2],
        [6, 3],
        [200, 3],
      ] as const) {
        const { messages, hasOlder } = present(await world.store.snapshot(room.id, ann.id, count, 9))
        expect([messages, hasOlder]).toEqual([sent.slice(-shown), true])
      }
      const other = await world.room([ann])
      const few = await world.send(other, ann, `a${long}`, `b${long}`, `c${long}`)
      const { messages, hasOlder } = present(await world.store.snapshot(other.id, ann.id, 200, 9))
      expect([messages, hasOlder]).toEqual([few, false])
    })

    test('of an empty room are empty', async () => {
      const ann = await world.user()
      const { room } = await world.store.openDirect(ann.id, (await world.user()).id)
      expect(await world.store.snapshot(room.id, ann.id, 5, 5)).toMatchObject({
        view: { room, role: 'member', unread: 0 },
        messages: [],
        hasOlder: false,
      })
    })

    test('list members and marks by id, up to a limit', async () => {
      const users = await world.users(4)
      const room = await world.room(users)
      const [ann, bob] = [present(users[0]), present(users[1])]
      await world.mark(room, bob, 3, 4)
      const members = await world.store.members(room.id, { after: 0, limit: 10 })
      const marks = members.map(({ user, readSeq, deliveredSeq }) => ({
        user: user.id,
        readSeq,
        deliveredSeq,
      }))
      for (const most of [4, 200]) {
        expect(present(await world.store.snapshot(room.id, ann.id, 1, most)).members).toEqual(members)
        expect(present(await world.store.facts(room.id, ann.id, most)).marks).toEqual(marks)
      }
      for (const most of [0, 3]) {
        expect(present(await world.store.snapshot(room.id, ann.id, 1, most)).members).toBeNull()
        expect(present(await world.store.facts(room.id, ann.id, most)).marks).toBeNull()
      }
      const { view } = present(await world.store.facts(room.id, bob.id, 9))
      expect(view).toEqual(present(await world.store.view({ id: room.id }, bob.id)))
    })

    test('show no content to non-members', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann], 'private')
      await world.send(room, ann, 'secret')
      const nothing = { view: { role: null, invited: false, unread: 0 } }
      const hidden = { ...nothing, messages: [], hasOlder: false, members: null }
      expect(await world.store.snapshot(room.id, bob.id, 5, 5)).toMatchObject(hidden)
      expect(await world.store.facts(room.id, bob.id, 5)).toMatchObject({ ...nothing, marks: null })
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      const invited = { view: { role: null, invited: true, unread: 0 } }
      expect(await world.store.snapshot(room.id, bob.id, 5, 5)).toMatchObject({ ...hidden, ...invited })
    })

    test('of a missing or deleted room are null', async () => {
      const ann = await world.user()
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      for (const room of [gone.id, id(Number.MAX_SAFE_INTEGER)]) {
        expect(await world.store.snapshot(room, ann.id, 5, 5)).toBeNull()
        expect(await world.store.facts(room, ann.id, 5)).toBeNull()
        expect(await world.store.view({ id: room }, ann.id)).toBeNull()
      }
    })

    test('read during writes are consistent', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      let writing = true
      const writes = (async () => {
        for (let i = 0; i < 30; i++) {
          await world.send(room, ann, 'a', 'b', 'c')
          if (i % 2 === 0) await world.leave(room, bob)
          else await world.join(room, bob)
          await world.mark(room, ann, 99_999)
        }
        writing = false
      })()
      while (writing) {
        const snapshot = present(await world.other.snapshot(room.id, ann.id, 1000, 9))
        const { view, messages, members } = snapshot
        const { events } = present(await world.other.changes(room.id, seq(0), 1000))
        const upTo = events.filter((event) => event.seq <= view.room.lastSeq)
        expect(messages.map((message) => message.seq)).toEqual(
          upTo.flatMap((event) => (event.type === 'message' ? event.seq : [])),
        )
        expect(members).toHaveLength(view.room.memberCount)
        const own = present(members).find(({ user }) => user.id === ann.id)
        expect(own).toMatchObject({ readSeq: view.readSeq, deliveredSeq: view.deliveredSeq })
      }
      await writes
    })
  })
}

const SHOW = { tombstones: true }
