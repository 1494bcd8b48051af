import { beforeAll, describe, expect, test } from 'bun:test'
import { id, present, profile } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister` promises of direct chats. */
export function directContract(make: MakeStores): void {
  describe('direct chats', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('have exactly two users, whoever opens them', async () => {
      const [ann, bob] = await world.pair()
      const { room, made } = await world.store.openDirect(bob.id, ann.id)
      expect(made).toBe(true)
      expect(room).toMatchObject({ kind: 'direct', name: null, memberCount: 2 })
      expect(room.creator?.id).toBe(bob.id)
      for (const [one, two] of [
        [ann, bob],
        [bob, ann],
      ] as const) {
        const again = await world.store.openDirect(one.id, two.id)
        expect([again.made, again.room.id]).toEqual([false, room.id])
      }
      const members = await world.store.members(room.id, { after: 0, limit: 10 })
      expect(members.map(({ user, role }) => [user.id, role])).toEqual([
        [ann.id, 'member'],
        [bob.id, 'member'],
      ])
      expect((await world.send(room, ann, 'hello')).map(({ body }) => body)).toEqual(['hello'])
    })

    test('opened a hundred times at once are one chat, created by one of the callers', async () => {
      for (let round = 0; round < 3; round++) {
        const [ann, bob] = await world.pair()
        const opened = await Promise.all(
          Array.from({ length: 100 }, (_, i) => {
            const store = i % 2 === 0 ? world.store : world.other
            return i % 4 < 2 ? store.openDirect(ann.id, bob.id) : store.openDirect(bob.id, ann.id)
          }),
        )
        expect(new Set(opened.map(({ room }) => room.id)).size).toBe(1)
        expect(opened.filter(({ made }) => made)).toHaveLength(1)
        expect(await world.store.members(present(opened[0]).room.id, { after: 0, limit: 10 })).toHaveLength(2)
      }
    })

    test('are listed by their latest activity, with the last message and the unread count', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan] = await world.pair()
      const withBob = (await world.store.openDirect(ann.id, bob.id)).room
      const withCid = (await world.store.openDirect(ann.id, cid.id)).room
      const withDan = (await world.store.openDirect(dan.id, ann.id)).room
      const empty = { lastMessage: null, unread: 0 }
      expect(await world.store.directs(dan.id, 10)).toEqual([
        { room: withDan, other: profile(ann), ...empty },
      ])

      const [, , third] = await world.send(withBob, bob, 'one', 'two', 'three')
      const [answer] = await world.send(withCid, ann, 'hello')
      await world.revise(withBob, bob, present(third), null)
      const listed = await world.store.directs(ann.id, 10)
      expect(listed.map(({ other }) => other)).toEqual([cid, bob, dan].map((user) => profile(user)))
      expect(listed.map(({ unread }) => unread)).toEqual([0, 2, 0])
      expect(listed.map(({ lastMessage }) => lastMessage?.body)).toEqual(['hello', 'two', undefined])
      expect(listed[0]?.lastMessage).toEqual(present(answer))
      expect((await world.store.directs(ann.id, 2)).map(({ other }) => other)).toEqual([
        profile(cid),
        profile(bob),
      ])
      expect((await world.store.directs(cid.id, 10)).map(({ unread }) => unread)).toEqual([1])

      await world.mark(withBob, ann, 1)
      expect((await world.store.direct(ann.id, withBob.id))?.unread).toBe(1)
      await world.mark(withBob, ann, 99)
      expect((await world.store.direct(ann.id, withBob.id))?.unread).toBe(0)
      for (const summary of await world.store.directs(ann.id, 10)) {
        expect(await world.store.direct(ann.id, summary.room.id)).toEqual(summary)
        expect(await world.now(summary.room)).toEqual(summary.room)
      }
    })

    test('are hidden from others, and do not include rooms', async () => {
      const [ann, bob] = await world.pair()
      const cid = await world.user()
      const { room } = await world.store.openDirect(ann.id, bob.id)
      const group = await world.room([ann])
      expect(await world.store.direct(cid.id, room.id)).toBeNull()
      expect(await world.store.direct(ann.id, group.id)).toBeNull()
      expect(await world.store.direct(ann.id, id(Number.MAX_SAFE_INTEGER))).toBeNull()
      expect(await world.store.directs(cid.id, 10)).toEqual([])
      expect(await world.accessFacts(room, cid)).toMatchObject({ role: null, invited: false })
    })
  })
}
