import { beforeAll, describe, expect, test } from 'bun:test'
import type { Housekeeping } from '../../src/core/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { batchOf, type MakeStores, World } from './world.ts'

/** What `Housekeeping` promises. */
export function housekeepingContract(make: MakeStores): void {
  describe('housekeeping', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
      await sweepAll(world.store)
    })

    test('removes the messages of deleted rooms, piece by piece, and nothing else', async () => {
      const ann = await world.user()
      const [kept, gone] = [await world.room([ann]), await world.room([ann])]
      await world.send(kept, ann, 'stays')
      for (let batch = 0; batch < 3; batch++) {
        await world.store.append(0, batchOf(Array.from({ length: 1000 }, () => world.draft(gone, ann))))
      }
      const last = await world.read(gone, { seq: id(3001) })
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      expect(await sweepAll(world.store)).toBeGreaterThan(1)
      for (const at of [2, 1500, 3001]) expect(await world.store.message(gone.id, { seq: id(at) })).toBeNull()
      const empty = { messages: [], hasOlder: false, hasNewer: false }
      expect(await world.store.history(gone.id, 'latest', 5, { tombstones: true })).toMatchObject(empty)
      expect(await world.head(kept)).toBe(id(2))
      expect((await world.read(kept, { seq: id(2) })).body).toBe('stays')
      // A retry no longer finds the first result, and makes no second message either.
      const again = { ...world.draft(gone, ann), clientId: last.clientId }
      expect((await world.store.append(0, batchOf([again]))).verdicts).toEqual(['no_room'])
    })

    test('removes deleted rooms of any kind: empty, with members, invitations and revisions', async () => {
      const [ann, bob] = await world.pair()
      const rooms = [await world.room([]), await world.room([ann, bob]), await world.room([ann])]
      const [message] = await world.send(present(rooms[2]), ann, 'words')
      await world.revise(present(rooms[2]), ann, present(message), null)
      await world.store.invite(await world.accessFacts(present(rooms[2]), ann), ann, [bob])
      const [pinned] = await world.send(present(rooms[2]), ann, 'pinned')
      const access = await world.accessFacts(present(rooms[2]), ann)
      await world.store.pin(access, ann, present(pinned).seq, true, 1)
      for (const room of rooms.slice(1))
        await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
      await sweepAll(world.store)
      expect(await world.store.message(present(rooms[2]).id, { seq: present(message).seq })).toBeNull()
      expect(await world.store.pinned(present(rooms[2]).id, null, 10)).toEqual([])
      expect(await world.head(present(rooms[0]))).toBe(seq(0))
    })

    test('keeps what has just happened to memberships', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      await world.leave(room, bob)
      await sweepAll(world.store)
      const [own] = await world.store.membershipChangesOf([{ user: bob.id, after: seq(0) }], 10)
      expect(own).toMatchObject({ changes: [{ type: 'left' }], forgotten: seq(0) })
    })

    test('removes tokens and tickets that have expired, and no others', async () => {
      const ann = await world.user()
      const [gone, left, goneTicket, leftTicket] = [hash(), hash(), hash(), hash()]
      const [past, future] = [-60_000, 60_000]
      await world.store.addToken(gone, ann.id, past)
      await world.store.addToken(left, ann.id, future)
      await world.store.addTicket(goneTicket, ann.id, left, past)
      await world.store.addTicket(leftTicket, ann.id, left, future)
      await sweepAll(world.store)
      expect(await world.store.removeToken(gone)).toBe(false)
      expect(await world.store.removeToken(goneTicket)).toBe(false)
      expect(await world.store.redeemTicket(leftTicket)).not.toBeNull()
      expect(await world.store.removeToken(left)).toBe(true)
    })

    test('may run on all nodes at once, and ends when there is nothing left', async () => {
      const ann = await world.user()
      for (let i = 0; i < 5; i++) {
        const room = await world.room([ann])
        await world.send(room, ann, 'a', 'b')
        await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
      }
      await Promise.all([sweepAll(world.store), sweepAll(world.other), sweepAll(world.store)])
      await sweepAll(world.store)
      expect([await world.store.sweep(), await world.other.sweep()]).toEqual([false, false])
    })
  })
}

/** Purges until nothing is left. Resolves to the number of pieces. */
async function sweepAll(store: Housekeeping): Promise<number> {
  for (let pieces = 1; pieces < 1000; pieces++) if (!(await store.sweep())) return pieces
  throw new Error('housekeeping never ends')
}

function hash(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}
