import { beforeAll, describe, expect, test } from 'bun:test'
import { WriteConflict } from '../../../src/core/index.ts'
import { id, present } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `MessageLog.revise` promises. */
export function reviseContract(make: MakeStores): void {
  describe('revise', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('an edit takes the next number and returns what is stored', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'first')
      const event = await world.revise(room, ann, present(message), 'second')
      const now = await world.read(room, { seq: present(message).seq })
      expect(event).toEqual({ type: 'edited', roomId: room.id, seq: id(3), message: now })
      expect(now).toEqual({ ...present(message), body: 'second', versionSeq: id(3), editedAt: now.editedAt })
      expect(now.editedAt).not.toBeNull()
      expect(await world.head(room)).toBe(id(3))
    })

    test('a deletion leaves a tombstone without the text', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'words')
      await world.revise(room, ann, present(message), 'other words')
      const edited = await world.read(room, { seq: id(2) })
      const event = await world.revise(room, ann, edited, null)
      const now = await world.read(room, { seq: id(2) })
      expect(event).toEqual({ type: 'deleted', roomId: room.id, seq: id(4), message: now })
      expect(now).toEqual({ ...edited, body: '', versionSeq: id(4), deletedAt: now.deletedAt })
      expect(now.deletedAt).not.toBeNull()
    })

    test('a deleted or missing message cannot be revised', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'words')
      await world.revise(room, ann, present(message), null)
      const access = await world.accessFacts(room, ann)
      for (const body of ['back', null]) {
        expect(await world.store.revise(access, ann.id, present(message), body)).toBeNull()
        // The room's first change is its owner's joining.
        expect(await world.store.revise(access, ann.id, { ...present(message), seq: id(1) }, body)).toBeNull()
        expect(await world.store.revise(access, ann.id, { ...present(message), seq: id(9) }, body)).toBeNull()
      }
      expect(await world.head(room)).toBe(id(3))
    })

    test('is refused if the actor’s role has changed', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const [message] = await world.send(room, ann, 'words')
      const asMember = await world.accessFacts(room, bob)
      await world.change(room, ann, bob, 'role', 'admin')
      const asAdmin = await world.accessFacts(room, bob)
      await expect(world.store.revise(asMember, bob.id, present(message), null)).rejects.toBeInstanceOf(
        WriteConflict,
      )
      await world.change(room, ann, bob, 'role', 'member')
      await expect(world.store.revise(asAdmin, bob.id, present(message), null)).rejects.toBeInstanceOf(
        WriteConflict,
      )
      await world.remove(room, ann, bob)
      await expect(world.store.revise(asMember, bob.id, present(message), 'x')).rejects.toBeInstanceOf(
        WriteConflict,
      )
      expect(await world.read(room, { seq: present(message).seq })).toEqual(present(message))
    })

    test('is refused if the room is gone', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'words')
      const access = await world.accessFacts(room, ann)
      await world.store.deleteRoom(access, ann.id)
      const revised = world.store.revise(access, ann.id, present(message), 'other')
      await expect(revised).rejects.toMatchObject({ kind: 'not_found' })
    })

    test('simultaneous edits each take a number, and the last one stays', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [message] = await world.send(room, ann, 'words')
      const events = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const bodies = [`version ${i}`, `version ${i} of the other node`]
          return world.revise(room, ann, present(message), present(bodies[i % 2]))
        }),
      )
      const inOrder = events.toSorted((a, b) => a.seq - b.seq)
      expect(inOrder.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => id(i + 3)))
      const last = present(inOrder.at(-1))
      expect(await world.read(room, { seq: id(2) })).toEqual(last.message)
    })

    test('of two simultaneous deletions one succeeds', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.change(room, ann, bob, 'role', 'admin')
      for (let round = 0; round < 5; round++) {
        const [message] = await world.send(room, ann, 'words')
        const [own, theirs] = await Promise.all([world.accessFacts(room, ann), world.accessFacts(room, bob)])
        const outcomes = await Promise.all([
          world.store.revise(own, ann.id, present(message), null),
          world.other.revise(theirs, bob.id, present(message), null),
        ])
        expect(outcomes.filter((event) => event !== null)).toHaveLength(1)
      }
    })
  })
}
