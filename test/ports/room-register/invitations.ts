import { beforeAll, describe, expect, test } from 'bun:test'
import { WriteConflict } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister` promises of invitations. */
export function invitationContract(make: MakeStores): void {
  describe('invitations', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('go to users who are neither members nor invited, each with its own number, in the order given', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan, eve] = await world.users(3)
      const room = await world.room([ann, bob], 'private')
      const invite = (...users: (typeof ann | undefined)[]) => world.invite(room, ann, ...users.map(present))
      const first = await invite(dan, bob, cid, ann)
      expect(first.map((event) => [event.seq, event.type, event.user, event.role])).toEqual([
        [id(3), 'invited', { id: present(dan).id, username: present(dan).username }, null],
        [id(4), 'invited', { id: present(cid).id, username: present(cid).username }, null],
      ])
      const second = await invite(cid, eve, dan)
      expect(second.map(({ seq: at }) => at)).toEqual([id(5)])
      expect(await invite(cid, dan, eve)).toEqual([])
      expect(await world.store.changes(room.id, seq(2), 10)).toEqual({
        events: [...first, ...second],
        head: seq(5),
        readAt: seq(5),
      })
    })

    test('are used up by joining, and gone after leaving', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann], 'private')
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: null, invited: true })
      await world.join(room, bob)
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: 'member', invited: false })
      await world.leave(room, bob)
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: null, invited: false })
    })

    test.each(['public', 'private'] as const)(
      'bring back who was removed from a %s room, and nothing else does',
      async (kind) => {
        const [ann, bob] = await world.pair()
        const [cid, dan] = (await world.users(2)).map(present)
        if (cid === undefined || dan === undefined) throw new Error('two users')
        const room = await world.room([ann, bob, cid], kind)
        await world.changes(room, ann, bob, 'role', 'admin')
        await world.remove(room, bob, cid)
        const refused = { kind: 'forbidden' }
        await expect(world.join(room, cid)).rejects.toMatchObject(refused)
        await world.join(room, dan)
        await expect(world.invite(room, dan, cid)).rejects.toMatchObject(refused)
        await expect(world.invite(room, dan, await world.user(), cid)).rejects.toMatchObject(refused)
        expect(await world.store.invitation(room.id, cid.id)).toBeNull()
        // An invitation that is withdrawn leaves things as they were.
        await world.invite(room, bob, cid)
        await world.uninvite(room, bob, cid)
        await expect(world.join(room, cid)).rejects.toMatchObject(refused)
        await world.invite(room, bob, cid)
        await world.join(room, cid)
        // Whoever leaves is free to come back.
        await world.leave(room, cid)
        await world.invite(room, dan, cid)
        await world.join(room, cid)
        expect(await world.accessFacts(room, cid)).toMatchObject({ role: 'member' })
      },
    )

    test('are not needed by others, nor in other rooms', async () => {
      const [ann, bob] = await world.pair()
      const [room, other] = [await world.room([ann, bob]), await world.room([ann])]
      await world.remove(room, ann, bob)
      await world.join(other, bob)
      await world.join(room, await world.user())
      expect(await world.accessFacts(other, bob)).toMatchObject({ role: 'member' })
    })

    test('of one user by many at once make one invitation', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const access = await world.accessFacts(room, ann)
      const events = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? world.store : world.other).invite(access, ann, [bob]),
        ),
      )
      expect(events.flatMap((each) => each.events)).toHaveLength(1)
      expect(await world.head(room)).toBe(seq(2))
    })

    test('are not made on outdated facts', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const was = await world.accessFacts(room, bob)
      await world.remove(room, ann, bob)
      await expect(world.store.invite(was, bob, [await world.user()])).rejects.toBeInstanceOf(WriteConflict)
      expect(await world.head(room)).toBe(seq(3))
    })

    test('are listed by invited user, in pages, with the inviting user', async () => {
      const [ann, bob] = await world.pair()
      const users = await world.users(5)
      const room = await world.room([ann, bob], 'private')
      await world.store.invite(await world.accessFacts(room, ann), ann, users.slice(2))
      await world.store.invite(await world.accessFacts(room, bob), bob, users)
      const all = await world.store.invitations(room.id, { after: 0, limit: 100 })
      expect(all.map(({ user }) => user)).toEqual(users.toSorted((a, b) => a.id - b.id))
      for (const { user, invitedBy, at } of all) {
        const inviter = users.indexOf(present(users.find((each) => each.id === user.id))) < 2 ? bob : ann
        expect(invitedBy).toEqual({ id: inviter.id, username: inviter.username })
        expect(Math.abs(at.getTime() - Date.now())).toBeLessThan(60_000)
        expect(await world.store.invitation(room.id, user.id)).toEqual({ user, invitedBy, at })
      }
      const [, second] = all
      const page = { after: present(all[0]).user.id, limit: 1 }
      expect(await world.store.invitations(room.id, page)).toEqual([present(second)])
      expect(await world.store.invitation(room.id, ann.id)).toBeNull()
    })

    test('end by withdrawal or decline, which takes the next number, and may be made again', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann], 'private')
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      const withdrawn = await world.uninvite(room, ann, bob)
      const what = { type: 'uninvited', user: { id: bob.id, username: bob.username }, role: null }
      expect(withdrawn).toMatchObject([{ ...what, seq: id(3), actor: { id: ann.id } }])
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: null, invited: false })
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      const declined = await world.uninvite(room, bob, bob)
      expect(declined).toMatchObject([{ ...what, seq: id(5), actor: { id: bob.id } }])
      const { events } = present(await world.store.changes(room.id, seq(2), 10))
      expect(events).toMatchObject([...withdrawn, { type: 'invited' }, ...declined])
      expect(await world.now(room)).toMatchObject({ memberCount: 1, lastSeq: seq(5) })
    })

    test('do not end on outdated facts', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan] = await world.pair()
      const room = await world.room([ann, bob], 'private')
      await world.store.invite(await world.accessFacts(room, bob), bob, [cid, dan])
      const [was, owner] = [await world.accessFacts(room, bob), await world.accessFacts(room, ann)]
      await world.remove(room, ann, bob)
      const step = { actor: bob, actorAccess: was, user: cid, invitedBy: bob.id }
      await expect(world.store.uninvite(step)).rejects.toBeInstanceOf(WriteConflict)
      const byAnn = { ...step, actor: ann, actorAccess: owner }
      await expect(world.store.uninvite({ ...byAnn, invitedBy: ann.id })).rejects.toBeInstanceOf(
        WriteConflict,
      )
      await world.join(room, cid)
      await expect(world.store.uninvite(byAnn)).rejects.toBeInstanceOf(WriteConflict)
      await expect(world.store.uninvite({ ...byAnn, user: ann })).rejects.toBeInstanceOf(WriteConflict)
      expect(await world.head(room)).toBe(seq(6))
    })

    test('are either used or ended if both are tried at once', async () => {
      const [ann, bob] = await world.pair()
      for (let round = 0; round < 5; round++) {
        const room = await world.room([ann], 'private')
        await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
        const [own, facts] = [await world.accessFacts(room, ann), await world.accessFacts(room, bob)]
        const joining = { change: 'joined', actor: bob, actorAccess: facts, role: 'member' } as const
        const outcomes = await Promise.allSettled([
          world.store.setMember({ ...joining, user: bob, userAccess: facts }),
          world.other.uninvite({ actor: ann, actorAccess: own, user: bob, invitedBy: ann.id }),
          world.store.uninvite({ actor: bob, actorAccess: facts, user: bob, invitedBy: ann.id }),
        ])
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WriteConflict)
        }
        expect(await world.head(room)).toBe(seq(3))
      }
    })
  })
}
