import { beforeAll, describe, expect, test } from 'bun:test'
import { type MemberStep, WriteConflict } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister` promises of members and their roles. */
export function memberContract(make: MakeStores): void {
  describe('members', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('join, change their role, leave and are removed, each with the next number', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const told = [
        await world.join(room, bob),
        await world.change(room, ann, bob, 'role', 'admin'),
        await world.leave(room, bob),
        await world.join(room, bob),
        await world.remove(room, ann, bob),
      ]
      expect(told.map((event) => event.seq)).toEqual([2, 3, 4, 5, 6].map(id))
      expect(told.map((event) => [event.type, event.role, event.actor.id])).toEqual([
        ['joined', 'member', bob.id],
        ['role', 'admin', ann.id],
        ['left', null, bob.id],
        ['joined', 'member', bob.id],
        ['removed', null, ann.id],
      ])
      expect(await world.store.changes(room.id, seq(1), 10)).toEqual({
        events: told,
        head: seq(6),
        readAt: seq(6),
      })
      expect(await world.now(room)).toMatchObject({ memberCount: 1, lastSeq: seq(6) })
    })

    test('are counted', async () => {
      const users = await world.users(4)
      const room = await world.room(users)
      expect(room.memberCount).toBe(4)
      await world.change(room, present(users[0]), present(users[1]), 'role', 'admin')
      expect((await world.now(room)).memberCount).toBe(4)
      await world.leave(room, present(users[2]))
      expect((await world.now(room)).memberCount).toBe(3)
    })

    test('are listed by id, in pages, and read one by one, with role and marks', async () => {
      const users = await world.users(5)
      const room = await world.room(users)
      const all = await world.store.members(room.id, { after: 0, limit: 100 })
      expect(all.map(({ user }) => user)).toEqual(users.toSorted((a, b) => a.id - b.id))
      expect(new Map(all.map(({ user, role }) => [user.id, role])).get(present(users[0]).id)).toBe('owner')
      const paged: number[] = []
      for (let after = 0; ; ) {
        const page = await world.store.members(room.id, { after, limit: 2 })
        expect(page.length).toBeLessThanOrEqual(2)
        const last = page.at(-1)
        if (last === undefined) break
        paged.push(...page.map(({ user }) => user.id))
        after = last.user.id
      }
      expect(paged).toEqual(all.map(({ user }) => user.id))
      const marks = await world.store.readMarks(room.id)
      expect(marks).toEqual(new Map(all.map(({ user, readSeq }) => [user.id, readSeq])))
      for (const member of all) expect(await world.store.member(room.id, member.user.id)).toEqual(member)
      const [first] = users
      await world.mark(room, present(first), 2, 4)
      const marked = await world.store.member(room.id, present(first).id)
      expect(marked).toMatchObject({ readSeq: seq(2), deliveredSeq: seq(4) })
      expect(Math.abs(present(marked).joinedAt.getTime() - Date.now())).toBeLessThan(60_000)
      expect(await world.store.member(room.id, (await world.user()).id)).toBeNull()
    })

    test('are not changed on outdated facts about the actor or the user', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan] = await world.pair()
      const room = await world.room([ann, bob, cid], 'private')
      const [owner, member, other, outside] = await Promise.all(
        [ann, bob, cid, dan].map((user) => world.accessFacts(room, user)),
      )
      await world.change(room, ann, bob, 'role', 'admin')
      await world.leave(room, cid)
      await world.store.invite(await world.accessFacts(room, ann), ann, [dan])
      const before = await world.store.changes(room.id, seq(0), 100)
      const [own, was, gone, out] = [present(owner), present(member), present(other), present(outside)]
      const steps: MemberStep[] = [
        // The actor: had less, was here, was not invited.
        { change: 'removed', actor: bob, actorAccess: was, user: ann, userAccess: own, role: null },
        { change: 'left', actor: cid, actorAccess: gone, user: cid, userAccess: gone, role: null },
        { change: 'joined', actor: dan, actorAccess: out, user: dan, userAccess: out, role: 'member' },
        // The user.
        { change: 'removed', actor: ann, actorAccess: own, user: bob, userAccess: was, role: null },
        { change: 'role', actor: ann, actorAccess: own, user: cid, userAccess: gone, role: 'admin' },
        { change: 'joined', actor: ann, actorAccess: own, user: dan, userAccess: out, role: 'member' },
      ]
      for (const step of steps)
        await expect(world.store.setMember(step)).rejects.toBeInstanceOf(WriteConflict)
      expect(await world.store.changes(room.id, seq(0), 100)).toEqual(present(before))
    })

    test('who join several times at once join once', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const facts = await world.accessFacts(room, bob)
      const step = {
        change: 'joined',
        actor: bob,
        actorAccess: facts,
        user: bob,
        userAccess: facts,
        role: 'member',
      } as const
      const joined = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? world.store : world.other).setMember(step)),
      )
      expect(joined.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of joined) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WriteConflict)
      }
      expect(await world.now(room)).toMatchObject({ memberCount: 2, lastSeq: seq(2) })
    })

    test('cannot be changed if the room is gone', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const facts = await world.accessFacts(room, bob)
      await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
      const step = {
        change: 'joined',
        actor: bob,
        actorAccess: facts,
        user: bob,
        userAccess: facts,
        role: 'member',
      } as const
      await expect(world.store.setMember(step)).rejects.toMatchObject({ kind: 'not_found' })
    })
  })
}
