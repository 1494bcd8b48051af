import { beforeAll, describe, expect, test } from 'bun:test'
import { type MemberEvent, type Role, type Room, type User, WriteConflict } from '../../../src/core/index.ts'
import { id, isMemberEvent, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

/** What `RoomRegister.setMember` promises of a room's owner: one at most, and one while there is somebody to be it. */
export function ownershipContract(make: MakeStores): void {
  describe('ownership', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('passes from a leaving owner to the admin who joined first, with the next number', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan] = await world.pair()
      const room = await world.room([ann, bob, dan, cid])
      await world.change(room, ann, cid, 'role', 'admin')
      await world.change(room, ann, dan, 'role', 'admin')
      const events = await world.changes(room, ann, ann, 'left', null)
      expect(events).toMatchObject([
        { seq: id(7), type: 'left', user: { id: ann.id }, actor: { id: ann.id }, role: null },
        { seq: id(8), type: 'role', user: { id: dan.id }, actor: { id: ann.id }, role: 'owner' },
      ])
      expect(events[1]).toMatchObject({ user: { username: dan.username }, at: events[0]?.at })
      expect(await world.store.changes(room.id, seq(6), 10)).toEqual({ events, head: seq(8), readAt: seq(8) })
      expect(await world.now(room)).toMatchObject({ memberCount: 3, lastSeq: seq(8) })
      expect(await roles(room)).toEqual(rolesOf([bob, 'member'], [cid, 'admin'], [dan, 'owner']))
    })

    test('passes to the member who joined first if there is no admin, and never to a guest', async () => {
      const [ann, bob] = await world.pair()
      const guest = await world.store.createUser(world.name('guest'), null, 'guest')
      const cid = await world.user()
      const room = await world.room([ann, guest, cid, bob])
      const [, second] = await world.changes(room, ann, ann, 'left', null)
      expect(second).toMatchObject({ user: { id: cid.id }, role: 'owner' })
      await world.changes(room, cid, cid, 'left', null)
      expect(await world.changes(room, bob, bob, 'left', null)).toHaveLength(1)
      expect(await roles(room)).toEqual(rolesOf([guest, 'member']))
    })

    test('ends if the last member leaves', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      expect(await world.changes(room, ann, ann, 'left', null)).toMatchObject([{ type: 'left' }])
      expect(await world.now(room)).toMatchObject({ memberCount: 0, lastSeq: seq(2) })
    })

    test('stays if another member leaves or changes role', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.change(room, ann, bob, 'role', 'admin')
      await world.leave(room, bob)
      expect(await roles(room)).toEqual(rolesOf([ann, 'owner']))
    })

    test('can be handed over: the former owner becomes an admin, with the next number', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const events = await world.changes(room, ann, bob, 'role', 'owner')
      expect(events).toMatchObject([
        { seq: id(3), type: 'role', user: { id: bob.id }, actor: { id: ann.id }, role: 'owner' },
        { seq: id(4), type: 'role', user: { id: ann.id }, actor: { id: ann.id }, role: 'admin' },
      ])
      expect(await world.store.changes(room.id, seq(2), 10)).toEqual({ events, head: seq(4), readAt: seq(4) })
      expect(await roles(room)).toEqual(rolesOf([ann, 'admin'], [bob, 'owner']))
      expect((await world.now(room)).memberCount).toBe(2)
    })

    test('belongs to one user at each number, under simultaneous handovers, departures and moving marks', async () => {
      for (let round = 0; round < 4; round++) {
        const users = await world.users(6)
        const room = await world.room(users)
        const heirs = users.map((_, i) => present(users[(i + 1) % users.length]))
        let over = false
        const marks = [world.store, world.other].map(async (store) => {
          for (let upTo = 0; !over; upTo++) {
            const marked = { room: room.id, readSeq: seq(upTo), deliveredSeq: seq(upTo) }
            await store.moveMarks(users.map((user) => ({ ...marked, user: user.id })))
          }
        })
        const handOver = async (user: User, heir: User) => {
          const [own, theirs] = [await world.accessFacts(room, user), await world.accessFacts(room, heir)]
          if (own.role !== 'owner' || theirs.role === null) return []
          return world.changes(room, user, heir, 'role', 'owner')
        }
        await Promise.all(
          users.flatMap((user, i) => [
            settle(() => handOver(user, present(heirs[i]))),
            i % 3 === 0 ? null : settle(() => world.changes(room, user, user, 'left', null)),
          ]),
        ).finally(() => {
          over = true
        })
        await Promise.all(marks)
        expect(ownersOverTime(await history(room))).toEqual([1])
        const [owner, ...more] = [...(await roles(room))].filter(([, role]) => role === 'owner')
        expect([owner === undefined, more.length]).toEqual([false, 0])
      }
    })

    test('ends with the room, while marks move', async () => {
      for (let round = 0; round < 5; round++) {
        // Who came last has the lowest id, so that the rows do not lie in the order of their locking.
        const users = (await world.users(8)).toSorted((a, b) => b.id - a.id)
        const room = await world.room(users)
        const wanted = users.map(({ id: user }) => ({
          room: room.id,
          user,
          readSeq: seq(5),
          deliveredSeq: seq(5),
        }))
        const owner = present(users[0])
        const moves = [world.store, world.other].map(async (store) => {
          for (;;) if ((await store.moveMarks(wanted.toReversed())).every((marks) => marks === null)) return
        })
        await world.store.deleteRoom(await world.accessFacts(room, owner), owner.id)
        await Promise.all(moves)
      }
    })

    async function roles(room: Room): Promise<Map<number, Role>> {
      const members = await world.store.members(room.id, { after: 0, limit: 100 })
      return new Map(members.map(({ user, role }) => [user.id, role]))
    }

    async function history(room: Room): Promise<readonly MemberEvent[]> {
      const { events } = present(await world.store.changes(room.id, seq(0), 1000))
      return events.filter(isMemberEvent)
    }
  })
}

function rolesOf(...members: [User, Role][]): Map<number, Role> {
  return new Map(members.toSorted(([a], [b]) => a.id - b.id).map(([user, role]) => [user.id, role]))
}

/** Until it has been done on facts that held. */
async function settle(run: () => Promise<readonly MemberEvent[]>): Promise<void> {
  for (;;) {
    try {
      await run()
      return
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
    }
  }
}

/** How many owners there were after each change; events of one moment are one change. */
function ownersOverTime(events: readonly MemberEvent[]): number[] {
  const owners = new Set<number>()
  const counts = new Set<number>()
  for (const [i, { user, role }] of events.entries()) {
    if (role === 'owner') owners.add(user.id)
    else owners.delete(user.id)
    // A change that takes ownership from one gives it to another at the very next number, and the other way round.
    const next = events[i + 1]
    const halfway = owners.size !== 1 && next?.type === 'role'
    if (!halfway) counts.add(owners.size)
  }
  return [...counts]
}
