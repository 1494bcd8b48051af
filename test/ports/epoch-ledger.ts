import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Epoch, SeenChange } from '../../src/core/index.ts'
import { id, present, seq } from '../core/fakes/values.ts'
import { type MakeStores, World } from './world.ts'

/** What `EpochLedger` promises. */
export function epochLedgerContract(make: MakeStores): void {
  describe('the epoch ledger', () => {
    let world: World
    let node: string
    beforeAll(async () => {
      world = new World(await make())
    })
    beforeEach(() => {
      node = world.name('node')
    })

    const epochNow = async (): Promise<Epoch> => (await world.store.beat(node, 0, null)).epoch

    /** Whether the database proves it. @param beat of the node, which should be there */
    async function proves(seen: SeenChange | null, beat = 0): Promise<boolean> {
      const before = await epochNow()
      const next = world.name('next')
      const after = await world.store.beginEpoch(before, next, node, beat, seen)
      expect(await epochNow()).toEqual(after)
      if (after.name === before.name) {
        expect(after).toEqual(before)
        return false
      }
      expect(after).toEqual({ number: before.number + 1, name: next })
      return true
    }

    test('has an epoch from the first migration on', async () => {
      const { number, name } = await epochNow()
      expect(number).toBeGreaterThan(0)
      expect(name).not.toBe('')
    })

    test('keeps the beats of each node, readable by all', async () => {
      const other = world.name('node')
      expect(await world.store.beat(node, 0, 1)).toMatchObject({ kept: true })
      expect(await world.store.beat(other, 0, 9)).toMatchObject({ kept: true })
      expect(await world.store.beat(node, 1, 2)).toMatchObject({ kept: true })
      expect(await world.store.beat(node, 2, null)).toMatchObject({ kept: true })
      expect(await world.other.beats([node, other, world.name('nobody')])).toEqual(
        new Map([
          [node, 2],
          [other, 9],
        ]),
      )
      expect(await world.store.beats([])).toEqual(new Map())
    })

    test('reports a missing beat, and writes none after it', async () => {
      await world.store.beat(node, 0, 3)
      expect(await world.store.beat(node, 4, 5)).toMatchObject({ kept: false })
      expect(await world.store.beats([node])).toEqual(new Map([[node, 3]]))
      expect(await world.store.beat(world.name('unknown'), 1, 2)).toMatchObject({ kept: false })
    })

    test('keeps the latest beat if an earlier one is written late, as by a pooler that held its statement back', async () => {
      await world.store.beat(node, 0, 5)
      await world.store.beat(node, 5, 7)
      expect(await world.store.beat(node, 5, 6)).toMatchObject({ kept: true })
      expect(await world.store.beat(node, 7, 8)).toMatchObject({ kept: true })
    })

    test('says when its server was started, the same each time', async () => {
      const first = await world.store.beat(node, 0, null)
      expect(Number.isFinite(first.server)).toBe(true)
      expect((await world.other.beat(node, 0, null)).server).toBe(first.server)
    })

    test('begins no epoch without a proof', async () => {
      await world.store.beat(node, 0, 7)
      expect(await proves(null)).toBe(false)
      expect(await proves(null, 7)).toBe(false)
    })

    test('accepts as proof a beat that is gone', async () => {
      await world.store.beat(node, 0, 7)
      expect(await proves(null, 8)).toBe(true)
    })

    test('accepts as proof another epoch, but joins a later one', async () => {
      const now = await epochNow()
      const elsewhere = { number: now.number, name: world.name('elsewhere') }
      const second = await world.store.beginEpoch(elsewhere, world.name('second'), node, 0, null)
      expect(second.number).toBe(now.number + 1)
      const third = await world.store.beginEpoch(
        { ...second, number: second.number + 5 },
        'third',
        node,
        0,
        null,
      )
      expect(third).toEqual({ number: second.number + 6, name: 'third' })
      expect(await world.store.beginEpoch(second, world.name('late'), node, 99, null)).toEqual(third)
    })

    test('lets one of several begin it, which the others join', async () => {
      const now = await epochNow()
      const names = Array.from({ length: 6 }, () => world.name('next'))
      const begun = await Promise.all(
        names.map((name, i) => (i % 2 ? world.store : world.other).beginEpoch(now, name, node, 99, null)),
      )
      expect(new Set(begun.map(({ number, name }) => `${number} ${name}`)).size).toBe(1)
      expect(begun[0]?.number).toBe(now.number + 1)
    })

    describe('checks whether what was seen of a room', () => {
      test('is its number', async () => {
        const room = await world.room(await world.pair())
        const head = present(await world.head(room))
        const at = (number: number) => ({ room: room.id, seq: seq(number), message: null })
        expect(await proves(at(head))).toBe(false)
        expect(await proves(at(head - 1))).toBe(false)
        expect(await proves(at(head + 1))).toBe(true)
      })

      test('is the message with the number', async () => {
        const [ann, bob] = await world.pair()
        const room = await world.room([ann, bob])
        const [first, second] = (await world.send(room, ann, 'first', 'second')).map(present)
        if (first === undefined || second === undefined) throw new Error('they were sent')
        const at = (number: number, message: SeenChange['message']) =>
          ({ room: room.id, seq: seq(number), message }) as const
        expect(await proves(at(first.seq, first.id))).toBe(false)
        expect(await proves(at(first.seq, second.id))).toBe(true)
        expect(await proves(at(first.seq, 0))).toBe(true)
        // The second has joined at the room's second number.
        expect(await proves(at(2, 0))).toBe(false)
        expect(await proves(at(2, first.id))).toBe(true)
        const edited = await world.revise(room, ann, first, 'changed')
        expect(await proves(at(edited.seq, 0))).toBe(false)
        expect(await proves(at(edited.seq, second.id))).toBe(true)
        const again = await world.revise(room, ann, await world.read(room, { seq: first.seq }), 'again')
        // No row has the number of the previous change any more, which proves nothing.
        expect(await proves(at(edited.seq, second.id))).toBe(false)
        expect(await proves(at(again.seq, 0))).toBe(false)
      })

      test('and takes a missing room for no proof', async () => {
        const ann = await world.user()
        const room = await world.room([ann])
        await world.store.deleteRoom(await world.accessFacts(room, ann), ann.id)
        const seen = { room: room.id, seq: seq(99), message: null }
        expect(await proves(seen)).toBe(false)
        expect(await proves({ ...seen, room: id(Number.MAX_SAFE_INTEGER) })).toBe(false)
      })
    })

    test('does not keep beats for ever', async () => {
      await world.store.beat(node, 0, 1)
      while (await world.store.sweep());
      expect(await world.store.beats([node])).toEqual(new Map([[node, 1]]))
    })
  })
}
