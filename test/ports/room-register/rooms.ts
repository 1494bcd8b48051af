import { beforeAll, describe, expect, test } from 'bun:test'
import { WriteConflict } from '../../../src/core/index.ts'
import { id, isMemberEvent, present, seq } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, verdictsOf, World } from '../world.ts'

/** What `RoomRegister` promises of rooms as such. */
export function roomContract(make: MakeStores): void {
  describe('rooms', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('begin with their owner, then the invited users, each a numbered change', async () => {
      const [ann, bob, cid] = [await world.user(), await world.user(), await world.user()]
      const wanted = {
        name: world.name('room'),
        kind: 'game',
        description: 'words',
        avatar: 'a.png',
      } as const
      const { room } = await world.store.createRoom({ ...wanted, creator: ann, invited: [cid.id, bob.id] })
      expect(room).toMatchObject({
        ...wanted,
        creator: { id: ann.id, username: ann.username },
        lastSeq: seq(3),
        memberCount: 1,
      })
      expect(Math.abs(room.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
      const { events } = present(await world.store.changes(room.id, seq(0), 10))
      const told = events.map((event) =>
        isMemberEvent(event) ? [event.type, event.user.id, event.role] : [],
      )
      expect(told).toEqual([
        ['joined', ann.id, 'owner'],
        ['invited', cid.id, null],
        ['invited', bob.id, null],
      ])
      expect(await world.accessFacts(room, ann)).toEqual({ room, role: 'owner', invited: false })
      expect(await world.accessFacts(room, bob)).toEqual({ room, role: null, invited: true })
      expect(await world.accessFacts(room, null)).toEqual({ room, role: null, invited: false })
    })

    test('may belong to nobody', async () => {
      const room = await world.room([])
      expect(room).toMatchObject({ creator: null, lastSeq: seq(0), memberCount: 0 })
      const ann = await world.user()
      expect((await world.join(room, ann)).seq).toBe(seq(1))
    })

    test('are found by id and by name, folded', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const name = present(room.name)
      for (const same of [name, name.toUpperCase(), ` ${name}`, `${name} `]) {
        expect((await world.store.accessFacts({ name: same }, ann.id))?.room).toEqual(room)
      }
      for (const other of [name.slice(0, -1), '%', '', '\0', '\ud800']) {
        expect(await world.store.accessFacts({ name: other }, ann.id)).toBeNull()
      }
      expect(await world.store.accessFacts({ id: id(Number.MAX_SAFE_INTEGER) }, ann.id)).toBeNull()
    })

    test('have unique names; of simultaneous callers one gets the name', async () => {
      const ann = await world.user()
      const room = {
        name: world.name('room'),
        kind: 'public',
        creator: ann,
        description: '',
        avatar: '',
        invited: [],
      } as const
      const made = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? world.store : world.other).createRoom(room)),
      )
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of made) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ kind: 'conflict' })
      }
      await expect(world.store.createRoom(room)).rejects.toMatchObject({ kind: 'conflict' })
      const { name } = room
      const same = world.store.createRoom({ ...room, name: name.toUpperCase(), kind: 'private' })
      await expect(same).rejects.toMatchObject({ kind: 'conflict', field: 'name' })
    })

    test('that are deleted cannot be found, and their names are free', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const { name } = room
      await world.store.invite(await world.accessFacts(room, ann), ann, [await world.user()])
      await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
      expect(await world.store.accessFacts({ id: room.id }, ann.id)).toBeNull()
      expect(await world.store.accessFacts({ name: present(name) }, ann.id)).toBeNull()
      expect(await world.store.members(room.id, { after: 0, limit: 10 })).toEqual([])
      expect(await world.store.joinedRooms(bob.id, { after: 0, limit: 10 })).toEqual([])
      expect(await world.head(room)).toBeUndefined()
      expect(await world.mark(room, ann, 1)).toBeNull()

      const plain = { kind: 'public', creator: bob, description: '', avatar: '', invited: [] } as const
      const { room: next } = await world.store.createRoom({ ...plain, name: present(name) })
      expect(next.id).not.toBe(room.id)
      expect((await world.store.accessFacts({ name: present(name) }, null))?.room).toEqual(next)
    })

    test('are not deleted on outdated facts, nor twice', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const asOwner = { ...(await world.accessFacts(room, bob)), role: 'owner' } as const
      await expect(world.store.deleteRoom(asOwner, bob.id)).rejects.toBeInstanceOf(WriteConflict)
      const own = await world.accessFacts(room, ann)
      await world.changes(room, ann, ann, 'left', null)
      await expect(world.store.deleteRoom(own, ann.id)).rejects.toBeInstanceOf(WriteConflict)
      expect(await world.accessFacts(room, bob)).toMatchObject({ role: 'owner' })

      const second = await world.room([ann])
      const facts = await world.accessFacts(second, ann)
      const outcomes = await Promise.allSettled([
        world.store.deleteRoom(facts, ann.id),
        world.other.deleteRoom(facts, ann.id),
      ])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('accept nothing after their deletion, even in a race', async () => {
      const ann = await world.user()
      for (let round = 0; round < 5; round++) {
        const room = await world.room([ann])
        const sends = world.lanes.map(async ([log, lane]) => {
          let sent = 0
          for (;;) {
            const [verdict] = verdictsOf(await log.append(lane, batchOf([world.draft(room, ann)])))
            if (verdict !== 'sent') return { sent, verdict }
            sent++
          }
        })
        await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
        for (const { verdict } of await Promise.all(sends)) expect(verdict).toBe('no_room')
      }
    })
  })
}
