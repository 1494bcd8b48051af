import { beforeAll, describe, expect, test } from 'bun:test'
import { type Description, jsonText, WriteConflict } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister.describe` promises. */
export function descriptionContract(make: MakeStores): void {
  describe('descriptions', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('change in the given fields, each as a numbered change, and are read so', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const describing = async (wanted: { description?: string; avatar?: string }) =>
        world.store.describe(await world.accessFacts(room, ann), ann, wanted)
      const actor = { id: ann.id, username: ann.username }
      const first = await describing({ description: 'wörds "of" \\ {a,b}\n😀' })
      expect(first).toEqual({
        type: 'described',
        roomId: room.id,
        seq: id(2),
        actor,
        description: 'wörds "of" \\ {a,b}\n😀',
        avatar: '',
        metadata: null,
        at: expect.any(Date),
      })
      const second = await describing({ avatar: 'a.png' })
      expect(second).toMatchObject({ seq: id(3), description: first.description, avatar: 'a.png' })
      const third = await describing({ description: '', avatar: 'b.png' })
      expect(third).toMatchObject({ seq: id(4), description: '', avatar: 'b.png' })
      expect(await world.store.changes(room.id, seq(3), 10)).toEqual({
        events: [third],
        head: seq(4),
        readAt: seq(4),
      })
      const now = await world.now(room)
      expect(now).toMatchObject({ description: '', avatar: 'b.png', lastSeq: seq(4), updatedAt: third.at })
    })

    test('have metadata, which stays as it was sent until it is replaced or removed', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const describing = async (wanted: Description) =>
        world.store.describe(await world.accessFacts(room, ann), ann, wanted)
      const metadata = jsonText({ topic: { 2: 'two', 1: 'one' }, big: 1e21 })
      expect(await describing({ metadata })).toMatchObject({ seq: id(2), description: '', metadata })
      expect(await describing({ avatar: 'a.png' })).toMatchObject({ avatar: 'a.png', metadata })
      expect((await world.now(room)).metadata).toBe(metadata)
      const changes = present(await world.store.changes(room.id, seq(1), 10))
      expect(changes.events).toMatchObject([{ type: 'described', seq: id(3), metadata }])
      expect(await describing({ metadata: null })).toMatchObject({ avatar: 'a.png', metadata: null })
      expect((await world.now(room)).metadata).toBeNull()
    })

    test('appear once among changes, in the current form', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      for (let i = 0; i < 5; i++) {
        await world.store.describe(await world.accessFacts(room, ann), ann, { description: `version ${i}` })
      }
      const [message] = await world.send(room, ann, 'words')
      const { events, head, readAt } = present(await world.store.changes(room.id, seq(1), 10))
      expect([head, readAt]).toEqual([seq(7), seq(7)])
      expect(events).toMatchObject([
        { type: 'described', seq: id(6), description: 'version 4' },
        { type: 'message', seq: id(7), message: { id: present(message).id } },
      ])
      const page = present(await world.store.changes(room.id, seq(1), 2))
      expect(page).toMatchObject({ head: seq(3), readAt: seq(7) })
      expect(page.events).toMatchObject([{ type: 'described', seq: id(3), description: 'version 4' }])
    })

    test('changed simultaneously make one change each', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.change(room, ann, bob, 'role', 'admin')
      const facts = [await world.accessFacts(room, ann), await world.accessFacts(room, bob)]
      const events = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? world.store : world.other).describe(present(facts[i % 2]), i % 2 === 0 ? ann : bob, {
            description: `by ${i}`,
          }),
        ),
      )
      const inOrder = events.toSorted((a, b) => a.seq - b.seq)
      expect(inOrder.map((event) => event.seq)).toEqual(Array.from({ length: 20 }, (_, i) => id(i + 4)))
      expect((await world.now(room)).description).toBe(present(inOrder.at(-1)).description)
    })

    test('are not changed on outdated facts, nor if the room is gone', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.change(room, ann, bob, 'role', 'admin')
      const [owner, admin] = [await world.accessFacts(room, ann), await world.accessFacts(room, bob)]
      await world.change(room, ann, bob, 'role', 'member')
      const describing = world.store.describe(admin, bob, { description: 'mine' })
      await expect(describing).rejects.toBeInstanceOf(WriteConflict)
      expect(await world.now(room)).toMatchObject({ description: '', lastSeq: seq(4) })
      await world.store.deleteRoom(owner, ann.id)
      await expect(world.store.describe(owner, ann, { avatar: 'a' })).rejects.toMatchObject({
        kind: 'not_found',
      })
    })
  })
}
