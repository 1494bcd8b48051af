import { beforeAll, describe, expect, test } from 'bun:test'
import { StaleFacts } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister.invite` promises. */
export function invitationContract(make: MakeStores): void {
  describe('invitations', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('go to whoever is neither a member nor invited: a number each, in the order given', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan, eve] = await world.users(3)
      const room = await world.room([ann, bob], 'private')
      const invite = async (...users: (typeof ann | undefined)[]) =>
        world.store.invite(await world.standing(room, ann), ann, users.map(present))
      const first = await invite(dan, bob, cid, ann)
      expect(
        first.map((event) =>
          event.type === 'member' ? [event.seq, event.change, event.user, event.role] : [],
        ),
      ).toEqual([
        [id(3), 'invited', { id: present(dan).id, username: present(dan).username }, null],
        [id(4), 'invited', { id: present(cid).id, username: present(cid).username }, null],
      ])
      const second = await invite(cid, eve, dan)
      expect(second.map(({ seq: at }) => at)).toEqual([id(5)])
      expect(await invite(cid, dan, eve)).toEqual([])
      expect(await world.store.changes(room.id, seq(2), 10)).toEqual({
        events: [...first, ...second],
        head: seq(5),
        complete: true,
      })
    })

    test('are used up by joining, and gone after leaving', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann], 'private')
      await world.store.invite(await world.standing(room, ann), ann, [bob])
      expect(await world.standing(room, bob)).toMatchObject({ role: null, invited: true })
      await world.join(room, bob)
      expect(await world.standing(room, bob)).toMatchObject({ role: 'member', invited: false })
      await world.leave(room, bob)
      expect(await world.standing(room, bob)).toMatchObject({ role: null, invited: false })
    })

    test('of one user by many at once are one', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const standing = await world.standing(room, ann)
      const events = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? world.store : world.other).invite(standing, ann, [bob]),
        ),
      )
      expect(events.flat()).toHaveLength(1)
      expect(await world.head(room)).toBe(seq(2))
    })

    test('are not made on facts that no longer hold', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const was = await world.standing(room, bob)
      await world.remove(room, ann, bob)
      await expect(world.store.invite(was, bob, [await world.user()])).rejects.toBeInstanceOf(StaleFacts)
      expect(await world.head(room)).toBe(seq(3))
    })
  })
}
