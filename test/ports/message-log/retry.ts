import { beforeAll, describe, expect, test } from 'bun:test'
import type { BatchResult, Draft } from '../../../src/core/index.ts'
import { id, present } from '../../core/fakes/values.ts'
import { batchOf, type MakeStores, verdictsOf, World } from '../world.ts'

/** What `MessageLog.append` promises of a key that was used before: no second message, and the first result, for ever. */
export function retryContract(make: MakeStores): void {
  describe('a retry', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('gets the first result, on any lane of any node, whatever its other fields are', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const draft = world.draft(room, ann)
      const first = await world.store.append(0, batchOf([draft]))
      for (const [log, lane] of world.lanes) {
        const again = { ...draft, body: 'something else', kind: 'other' }
        const result = await log.append(lane, batchOf([again]))
        expect(result).toEqual({ ...first, verdicts: ['retry'] })
      }
      expect((await world.read(room, { seq: present(first.seqs[0]) })).body).toBe(draft.body)
      expect(await world.head(room)).toBe(first.seqs[0])
    })

    test('among new drafts takes no number and leaves no gap', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const old = [1, 2, 3].map(() => world.draft(room, ann))
      const before = await world.store.append(0, batchOf(old))
      const fresh = [1, 2, 3].map(() => world.draft(room, ann))
      const mixed = old.flatMap((draft, i) => [present(fresh[i]), draft])
      const result = await world.store.append(0, batchOf(mixed))
      expect(result.verdicts).toEqual(['sent', 'retry', 'sent', 'retry', 'sent', 'retry'])
      expect(result.seqs.filter((_, i) => i % 2 === 1)).toEqual([...before.seqs])
      expect(result.ids.filter((_, i) => i % 2 === 1)).toEqual([...before.ids])
      expect(result.at.filter((_, i) => i % 2 === 1)).toEqual([...before.at])
      expect(result.seqs.filter((_, i) => i % 2 === 0)).toEqual([id(5), id(6), id(7)])
    })

    test('in the same batch as the first makes one message', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [one, two] = [world.draft(room, ann), world.draft(room, ann)]
      const result = await world.store.append(0, batchOf([one, one, two, one, two]))
      expect(result.verdicts).toEqual(['sent', 'retry', 'sent', 'retry', 'retry'])
      expect(result.seqs).toEqual([id(2), id(2), id(3), id(2), id(3)])
      expect(await world.head(room)).toBe(id(3))
    })

    test('after the message was edited or deleted, or its sender has left, is still the first result', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const drafts = [1, 2, 3].map(() => world.draft(room, bob))
      const first = await world.store.append(0, batchOf(drafts))
      const [edited, deleted] = [present(first.seqs[0]), present(first.seqs[1])]
      await world.revise(room, bob, await world.read(room, { seq: edited }), 'edited')
      await world.revise(room, bob, await world.read(room, { seq: deleted }), null)
      await world.leave(room, bob)
      const again = await world.store.append(0, batchOf([...drafts, world.draft(room, bob)]))
      expect(again.verdicts).toEqual(['retry', 'retry', 'retry', 'not_member'])
      expect(again.seqs.slice(0, 3)).toEqual([...first.seqs])
      expect(again.at.slice(0, 3)).toEqual([...first.at])
    })

    test('is known by sender and key: the same key of another sender is another message', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann, bob])
      const key = { clientId: world.name('shared') }
      const drafts = [world.draft(room, ann, key), world.draft(room, bob, key)]
      expect(verdictsOf(await world.store.append(0, batchOf(drafts)))).toEqual(['sent', 'sent'])
      expect(verdictsOf(await world.store.append(0, batchOf(drafts)))).toEqual(['retry', 'retry'])
    })

    test('in another room is refused, and the message stays where it is', async () => {
      const ann = await world.user()
      const [here, there] = [await world.room([ann]), await world.room([ann])]
      const draft = world.draft(here, ann)
      await world.store.append(0, batchOf([draft]))
      const moved = { ...draft, roomId: there.id }
      expect(verdictsOf(await world.store.append(0, batchOf([moved])))).toEqual(['key_elsewhere'])
      const both = world.draft(here, ann)
      const result = await world.store.append(0, batchOf([both, { ...both, roomId: there.id }]))
      expect(verdictsOf(result)).toEqual(['sent', 'key_elsewhere'])
      expect(await world.head(there)).toBe(id(1))
    })

    test('does not change the order or the results of the next batches', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const draft = world.draft(room, ann)
      await world.store.append(0, batchOf([draft, draft]))
      for (let i = 0; i < 40; i++) {
        const result = await world.store.append(0, batchOf([world.draft(room, ann), world.draft(room, ann)]))
        expect(verdictsOf(result)).toEqual(['sent', 'sent'])
        expect(result.seqs).toEqual([id(3 + i * 2), id(4 + i * 2)])
      }
    })

    test('a hundred times at once, on every lane of every node, gives one message and one result', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      for (let round = 0; round < 10; round++) {
        const draft = world.draft(room, ann)
        const copies = world.lanes.map(([log, lane]) =>
          log.append(lane, batchOf(new Array<Draft>(25).fill(draft))),
        )
        const results = await Promise.all(copies)
        expect(results.flatMap(verdictsOf).filter((verdict) => verdict === 'sent')).toHaveLength(1)
        expect(results.flatMap(verdictsOf).filter((verdict) => verdict === 'retry').length).toBe(
          copies.length * 25 - 1,
        )
        expect(distinct(results)).toHaveLength(1)
      }
      expect(await world.head(room)).toBe(id(11))
    })

    test('of many messages at once, in overlapping batches, gives one message each', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const drafts = Array.from({ length: 40 }, () => world.draft(room, ann))
      const results = await Promise.all(
        world.lanes.map(async ([log, lane], writer) => {
          const mine: BatchResult[] = []
          const own = drafts.toSorted((a, b) => hash(a.clientId, writer) - hash(b.clientId, writer))
          for (let at = 0; at < own.length; at += 8)
            mine.push(await log.append(lane, batchOf(own.slice(at, at + 8))))
          return mine
        }),
      )
      const all = results.flat()
      expect(all.flatMap(verdictsOf).filter((verdict) => verdict === 'sent')).toHaveLength(40)
      expect(distinct(all)).toHaveLength(40)
      expect(await world.head(room)).toBe(id(41))
    })

    test('in two rooms simultaneously is written in one of them', async () => {
      const ann = await world.user()
      for (let round = 0; round < 10; round++) {
        const rooms = [await world.room([ann]), await world.room([ann])] as const
        const draft = world.draft(rooms[0], ann)
        const results = await Promise.all([
          world.store.append(0, batchOf([draft])),
          world.other.append(0, batchOf([{ ...draft, roomId: rooms[1].id }])),
        ])
        expect(results.flatMap(verdictsOf).toSorted()).toEqual(['key_elsewhere', 'sent'])
        const heads = await Promise.all(rooms.map((room) => world.head(room)))
        expect(heads.toSorted()).toEqual([id(1), id(2)])
      }
    })
  })
}

/** The different messages that the results tell of. */
function distinct(results: readonly BatchResult[]): string[] {
  const told = results.flatMap(({ seqs, ids, at }) =>
    seqs.map((seq, i) => `${seq} ${ids[i]} ${at[i]?.getTime()}`),
  )
  return [...new Set(told)]
}

function hash(text: string, seed: number): number {
  return Bun.hash.crc32(text, seed)
}
