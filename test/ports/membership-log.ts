import { beforeAll, describe, expect, test } from 'bun:test'
import type { MembershipChanges, Room, Seq, User } from '../../src/core/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `MembershipLog` promises. */
export function membershipLogContract(make: MakeStores): void {
  describe('a membership log', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    async function changes(user: User, after: Seq | null = seq(0), limit = 100): Promise<MembershipChanges> {
      return present((await world.other.membershipChangesOf([{ user: user.id, after }], limit))[0])
    }

    async function told(user: User, after = seq(0)): Promise<unknown[]> {
      const { changes: all } = await changes(user, after)
      return all.map(({ seq: at, roomId, type, role, actor }) => [at, roomId, type, role, actor.id])
    }

    test('numbers each change of a membership for its user, and has the latest one of each room', async () => {
      const [ann, bob] = await world.pair()
      expect(await changes(bob)).toEqual({ changes: [], upTo: seq(0), head: seq(0), forgotten: seq(0) })
      const room = await world.room([ann], 'private')
      const step = async (act: Promise<unknown>, ...expected: unknown[]) => {
        await act
        expect(await told(bob)).toEqual([expected])
      }
      await step(world.invite(room, ann, bob), id(1), room.id, 'invited', null, ann.id)
      await step(world.uninvite(room, bob, bob), id(2), room.id, 'uninvited', null, bob.id)
      await step(world.invite(room, ann, bob), id(3), room.id, 'invited', null, ann.id)
      await step(world.join(room, bob), id(4), room.id, 'joined', 'member', bob.id)
      await step(world.change(room, ann, bob, 'role', 'admin'), id(5), room.id, 'role', 'admin', ann.id)
      await step(world.leave(room, bob), id(6), room.id, 'left', null, bob.id)
      await step(world.invite(room, ann, bob), id(7), room.id, 'invited', null, ann.id)
      await step(world.join(room, bob), id(8), room.id, 'joined', 'member', bob.id)
      await step(world.remove(room, ann, bob), id(9), room.id, 'removed', null, ann.id)
      const { changes: all, upTo, head } = await changes(bob)
      expect([upTo, head]).toEqual([seq(9), seq(9)])
      expect(Math.abs(present(all[0]).at.getTime() - Date.now())).toBeLessThan(60_000)
      expect(present(all[0]).actor).toEqual({ id: ann.id, username: ann.username })
      expect(await told(ann)).toEqual([[id(1), room.id, 'joined', 'owner', ann.id]])
    })

    test('tells an owner who passes the room on, and the heir of one who leaves', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.changes(room, ann, bob, 'role', 'owner')
      expect(await told(ann)).toEqual([[id(2), room.id, 'role', 'admin', ann.id]])
      expect(await told(bob)).toEqual([[id(2), room.id, 'role', 'owner', ann.id]])
      await world.changes(room, bob, bob, 'left', null)
      expect(await told(ann)).toEqual([[id(3), room.id, 'role', 'owner', bob.id]])
      expect(await told(bob)).toEqual([[id(3), room.id, 'left', null, bob.id]])
    })

    test('tells rooms that are made, direct chats that are opened, and rooms that are deleted, the purged ones, too', async () => {
      const [ann, bob] = await world.pair()
      const [cid, dan] = await world.pair()
      const wanted = { kind: 'private', creator: ann, description: '', avatar: '' } as const
      const made = await world.store.createRoom({
        ...wanted,
        name: world.name('r'),
        invited: [cid.id, bob.id],
      })
      const { room } = made
      expect(made.numbers).toEqual([1, 1, 1].map(seq))
      const direct = await world.store.openDirect(bob.id, ann.id)
      expect(direct.numbers).toEqual([2, 2].map(seq))
      expect((await world.store.openDirect(ann.id, bob.id)).numbers).toEqual([])
      await world.join(room, bob)
      const gone = await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
      expect(gone).toEqual([
        { user: ann.id, seq: seq(3) },
        { user: bob.id, seq: seq(4) },
        { user: cid.id, seq: seq(2) },
      ])
      while (await world.store.sweep());
      const deleted = (at: number) => [id(at), room.id, 'room_deleted', null, ann.id]
      expect(await told(ann)).toEqual([[id(2), direct.room.id, 'joined', 'member', bob.id], deleted(3)])
      expect(await told(bob)).toEqual([[id(2), direct.room.id, 'joined', 'member', bob.id], deleted(4)])
      expect(await told(cid)).toEqual([deleted(2)])
      expect(await told(dan)).toEqual([])
      const users = [ann, bob, cid, dan].map((user) => user.id)
      expect(await world.store.membershipHeads(users)).toEqual(
        new Map([
          [ann.id, seq(3)],
          [bob.id, seq(4)],
          [cid.id, seq(2)],
        ]),
      )
    })

    test('gives each writer the own numbers of those concerned', async () => {
      const [ann, bob] = await world.pair()
      const cid = await world.user()
      const room = await world.room([ann])
      const facts = await world.accessFacts(room, ann)
      const invited = await world.store.invite(facts, ann, [cid, bob])
      expect(invited.events.map(({ user }) => user.id)).toEqual([cid.id, bob.id])
      expect(invited.numbers).toEqual([1, 1].map(seq))
      expect((await world.store.invite(facts, ann, [cid, bob])).numbers).toEqual([])
      const ended = { actor: ann, actorAccess: facts, user: cid, invitedBy: ann.id }
      expect((await world.store.uninvite(ended)).numbers).toEqual([seq(2)])
      const joining = { change: 'joined', actor: bob, user: bob, role: 'member' } as const
      const own = await world.accessFacts(room, bob)
      const joined = await world.store.setMember({ ...joining, actorAccess: own, userAccess: own })
      expect(joined.numbers).toEqual([seq(2)])
      const giving = { change: 'role', actor: ann, user: bob, role: 'owner' } as const
      const userAccess = await world.accessFacts(room, bob)
      const given = await world.store.setMember({ ...giving, actorAccess: facts, userAccess })
      expect(given.events.map(({ user }) => user.id)).toEqual([bob.id, ann.id])
      expect(given.numbers).toEqual([seq(3), seq(2)])
    })

    test('is read in pages, which are complete up to a number, and for many users at once', async () => {
      const [ann, bob] = await world.pair()
      const rooms: Room[] = []
      for (let i = 0; i < 5; i++) rooms.push(await world.room([ann]))
      const first = await changes(ann, seq(0), 2)
      expect(first.changes.map(({ roomId }) => roomId)).toEqual(rooms.slice(0, 2).map((room) => room.id))
      expect([first.upTo, first.head]).toEqual([seq(2), seq(5)])
      const rest = await changes(ann, first.upTo, 3)
      expect(rest.changes.map(({ roomId }) => roomId)).toEqual(rooms.slice(2).map((room) => room.id))
      expect([rest.upTo, rest.head]).toEqual([seq(5), seq(5)])
      expect(await changes(ann, null)).toMatchObject({ changes: [], head: seq(5) })
      const both = await world.store.membershipChangesOf(
        [
          { user: bob.id, after: seq(0) },
          { user: ann.id, after: seq(4) },
        ],
        10,
      )
      expect(both.map((each) => [each.head, each.changes.map(({ seq: at }) => at)])).toEqual([
        [seq(0), []],
        [seq(5), [seq(5)]],
      ])
    })

    test('never shows a number before all lower ones, whoever writes at the same time', async () => {
      const owners = await world.users(4)
      const guests = await world.users(3)
      const [guest] = guests
      const rooms = await Promise.all(owners.map((owner) => world.room([owner])))
      let writing = true
      /** Follows one user as a client does that has nothing but pages and the number of the last one. */
      async function follow(user: User): Promise<{ seen: Map<number, string>; position: Seq }> {
        const seen = new Map<number, string>()
        let position = seq(0)
        for (let more = true; more; ) {
          const wasWriting = writing
          const page = await changes(user, position, 2)
          for (const { roomId, type, seq: at } of page.changes) {
            expect(at).toBeGreaterThan(position)
            seen.set(roomId, type)
          }
          position = page.upTo
          more = wasWriting || page.upTo < page.head
        }
        return { seen, position }
      }
      const following = Promise.all(guests.map(follow))
      // Each room's owner invites and uninvites everyone, in an order of their own, while the others do.
      await Promise.all(
        rooms.map(async (room, i) => {
          const owner = present(owners[i])
          const store = i % 2 === 0 ? world.store : world.other
          const inOrder = i < 2 ? guests : guests.toReversed()
          const facts = await world.accessFacts(room, owner)
          for (let turn = 0; turn < 10; turn++) {
            await store.invite(facts, owner, inOrder)
            for (const user of turn < 9 ? inOrder : []) {
              await store.uninvite({ actor: owner, actorAccess: facts, user, invitedBy: owner.id })
            }
          }
        }),
      )
      writing = false
      for (const { seen, position } of await following) {
        expect(position).toBe(seq(4 * 19))
        expect(seen).toEqual(new Map(rooms.map((room) => [room.id, 'invited'])))
      }
      expect((await changes(present(guest))).head).toBe(seq(4 * 19))
    })
  })
}
