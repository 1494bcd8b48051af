import { beforeAll, describe, expect, test } from 'bun:test'
import { jsonText, type Message, type Room, type User } from '../../../src/core/index.ts'
import { id, present } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from '../world.ts'

/** What is kept of what messages said before, as `createStore` keeps it by default. */
export function revisionsContract(make: MakeStores): void {
  describe('revisions', () => {
    let world: World
    let ann: User
    let room: Room
    beforeAll(async () => {
      world = new World(await make())
      ann = await world.user()
      room = await world.room([ann])
    })

    const kept = ({ seq }: Message, after = 0, limit = 100) =>
      world.store.revisionsOf(room.id, seq, { after, limit })

    test('an edit keeps what the message said, with its details, number and times', async () => {
      const details = { metadata: jsonText({ first: true }) }
      const { seqs } = await world.store.append(
        0,
        batchOf([world.draft(room, ann, { body: 'one', details })]),
      )
      const one = await world.read(room, { seq: present(seqs[0]) })
      const [other] = await world.send(room, ann, 'another message')
      expect(await kept(one)).toEqual([])
      const { message: two } = await world.revise(room, ann, one, 'two', { metadata: null })
      const { message: three } = await world.revise(room, ann, two, 'three')
      const first = { version: one.seq, body: 'one', details, at: one.createdAt, replacedAt: two.editedAt }
      const second = {
        version: two.versionSeq,
        body: 'two',
        details: null,
        at: two.editedAt,
        replacedAt: three.editedAt,
      }
      expect<unknown[]>(await kept(one)).toEqual([first, second])
      expect<unknown[]>(await kept(one, one.seq)).toEqual([second])
      expect<unknown[]>(await kept(one, 0, 1)).toEqual([first])
      expect(await kept(present(other))).toEqual([])
    })

    test('the latest 20 of a message are kept', async () => {
      let [message] = await world.send(room, ann, 'words 0')
      for (let edit = 1; edit <= 23; edit++)
        message = (await world.revise(room, ann, present(message), `words ${edit}`)).message
      const bodies = (await kept(present(message))).map(({ body }) => body)
      expect(bodies).toEqual(Array.from({ length: 20 }, (_, n) => `words ${n + 3}`))
    })

    test('a deletion removes all of the message, and an edit that is refused keeps nothing', async () => {
      const [message] = await world.send(room, ann, 'one')
      const [bob] = await world.users(1)
      await expect(
        world.store.revise(
          await world.accessFacts(room, ann),
          present(bob).id,
          present(message),
          'not their words',
        ),
      ).rejects.toThrow()
      expect(await kept(present(message))).toEqual([])
      const { message: edited } = await world.revise(room, ann, present(message), 'two')
      expect(await kept(edited)).toHaveLength(1)
      await world.revise(room, ann, edited, null)
      expect(await kept(edited)).toEqual([])
      const access = await world.accessFacts(room, ann)
      expect(await world.store.revise(access, ann.id, edited, 'back')).toBeNull()
      expect(await kept(edited)).toEqual([])
    })

    test('a deleted room keeps none once it is swept', async () => {
      const gone = await world.room([ann])
      const [message] = await world.send(gone, ann, 'one')
      await world.revise(gone, ann, present(message), 'two')
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      while (await world.store.sweep());
      expect(await world.store.revisionsOf(gone.id, id(2), { after: 0, limit: 9 })).toEqual([])
    })
  })
}
