import { beforeAll, describe, expect, test } from 'bun:test'
import { ChatError, type Draft, type Room, type RoomId, type Store } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { createRandom } from '../../e2e/random.ts'
import { batchOf, type MakeStores, verdictsOf, World } from '../world.ts'

/** What `MessageLog.append` promises of numbers, membership and wholeness. */
export function appendContract(make: MakeStores): void {
  describe('append', () => {
    let world: World
    beforeAll(async () => {
      world = new World(await make())
    })

    test('numbers continue in each room in the order of the batch, without a gap', async () => {
      const [ann, bob] = await world.pair()
      const rooms = [
        await world.room([ann]),
        await world.room([ann, bob]),
        await world.room([ann, bob, ...(await world.users(1))]),
      ]
      for (let round = 0; round < 3; round++) {
        const drafts = rooms.flatMap((room) => [1, 2, 3].map(() => world.draft(room, ann)))
        const before = await world.store.heads(rooms.map((room) => room.id))
        const result = await world.store.append(0, batchOf(drafts))
        expect(new Set(verdictsOf(result))).toEqual(new Set(['sent']))
        const expected = rooms.flatMap(({ id: room }) =>
          [1, 2, 3].map((i) => id((before.get(room) ?? 0) + i)),
        )
        expect(result.seqs).toEqual(expected)
        const after = await world.store.heads(rooms.map((room) => room.id))
        for (const room of rooms) expect(after.get(room.id)).toBe(id((before.get(room.id) ?? 0) + 3))
      }
    })

    test('several writers append to the same rooms without a deadlock or a missing number', async () => {
      const ann = await world.user()
      const rooms: Room[] = []
      for (let i = 0; i < 20; i++) rooms.push(await world.room([ann]))
      const random = createRandom(1)
      const written = new Map<RoomId, number>()
      const write = async (store: Store, lane: number) => {
        for (let batch = 0; batch < 30; batch++) {
          const drafts = rooms.flatMap((room) => (random.below(3) > 0 ? [world.draft(room, ann)] : []))
          for (const { roomId } of drafts) written.set(roomId, (written.get(roomId) ?? 0) + 1)
          await store.append(lane % store.lanes, batchOf(drafts))
        }
      }
      const { store, other } = world
      await Promise.all([write(store, 0), write(store, 1), write(other, 0), write(other, 1)])
      const heads = await store.heads(rooms.map(({ id }) => id))
      for (const room of rooms)
        expect(heads.get(room.id)).toBe(id(room.lastSeq + (written.get(room.id) ?? 0)))
    })

    test('written messages can be read by number and by id', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const [first] = await world.send(room, ann, 'first')
      const draft = world.draft(room, ann, { kind: 'image', replyTo: first?.seq ?? null })
      const { seqs, ids, at } = await world.store.append(0, batchOf([draft, world.draft(room, ann)]))
      const [seq, other] = [present(seqs[0]), present(seqs[1])]
      const messageId = present(ids[0])
      const message = await world.read(room, { seq })
      const state = { versionSeq: null, editedAt: null, deletedAt: null }
      const { thread } = message
      expect(thread).toMatchObject({ root: first?.seq, replies: 1, lastSeq: seq, changedSeq: seq })
      expect(message).toEqual({
        ...{ root: present(first).seq, thread },
        ...draft,
        id: messageId,
        seq,
        createdAt: present(at[0]),
        ...state,
      })
      expect(await world.read(room, { id: messageId })).toEqual(message)
      expect((await world.read(room, { seq: other })).replyTo).toBeNull()
      const elsewhere = await world.room([ann])
      expect(await world.store.message(elsewhere.id, { id: messageId })).toBeNull()
    })

    test('a reply must refer to a message of its room, which may be deleted; otherwise it alone is refused', async () => {
      const ann = await world.user()
      const [room, elsewhere] = [await world.room([ann]), await world.room([ann])]
      const [kept, gone] = await world.send(room, ann, 'kept', 'gone')
      const others = await world.send(elsewhere, ann, ...Array.from({ length: 30 }, (_, i) => `word ${i}`))
      await world.revise(room, ann, present(gone), null)
      const targets = [1, present(kept).seq, present(gone).seq, 0, present(others.at(-1)).seq, 2 ** 52]
      const drafts = targets.map((target) => world.draft(room, ann, { replyTo: seq(target) }))
      const result = await world.store.append(0, batchOf(drafts))
      const good = ['sent', 'sent']
      expect(verdictsOf(result)).toEqual(['no_target', ...good, 'no_target', 'no_target', 'no_target'])
      const retried = await world.store.append(0, batchOf(drafts))
      expect(verdictsOf(retried).slice(0, 3)).toEqual(['no_target', 'retry', 'retry'])
      expect(await world.head(room)).toBe(present(result.seqs[2]))
    })

    test('times are current, and ids and times ascend with the numbers', async () => {
      const ann = await world.user()
      const room = await world.room([ann])
      const begin = Date.now()
      await world.send(room, ann, 'a', 'b')
      const messages = [...(await world.send(room, ann, 'c', 'd'))]
      for (const { createdAt } of messages) {
        expect(Math.abs(createdAt.getTime() - begin)).toBeLessThan(60_000)
      }
      const { messages: all } = await world.store.history(room.id, 'latest', 10, { tombstones: true })
      expect(all).toHaveLength(4)
      expect(all).toEqual(all.toSorted((a, b) => a.id - b.id))
      expect(all).toEqual(all.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime()))
    })

    test('batches of all lanes and nodes at once keep their order, and the numbers dense', async () => {
      const users = await world.users(4)
      const rooms = await Promise.all([1, 2, 3].map(() => world.room(users)))
      const start = await world.store.heads(rooms.map((room) => room.id))
      const written = await Promise.all(
        world.lanes.map(async ([log, lane], writer) => {
          const sender = present(users[writer % users.length])
          const own: { draft: Draft; seq: number }[] = []
          for (let round = 0; round < 10; round++) {
            const drafts = rooms.flatMap((room) => [1, 2].map(() => world.draft(room, sender)))
            const batch = batchOf(drafts)
            const { seqs } = await log.append(lane, batch)
            for (const [i, draft] of batch.drafts.entries()) own.push({ draft, seq: seqs[i] ?? 0 })
          }
          return own
        }),
      )
      for (const room of rooms) {
        const streams = written.map((own) =>
          own.filter(({ draft }) => draft.roomId === room.id).map(({ seq }) => seq),
        )
        for (const seqs of streams) expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
        const from = start.get(room.id) ?? 0
        const all = streams.flat().toSorted((a, b) => a - b)
        expect(all).toEqual(Array.from({ length: world.lanes.length * 20 }, (_, i) => from + i + 1))
      }
    })

    test('a thousand drafts to fifty rooms are one batch like any other', async () => {
      const ann = await world.user()
      const rooms = await Promise.all(Array.from({ length: 50 }, () => world.room([ann])))
      const drafts = Array.from({ length: 20 }, () => rooms.map((room) => world.draft(room, ann))).flat()
      const result = await world.store.append(0, batchOf(drafts))
      expect(new Set(verdictsOf(result))).toEqual(new Set(['sent']))
      expect(result.seqs).toEqual(rooms.flatMap(() => Array.from({ length: 20 }, (_, i) => id(i + 2))))
      expect(new Set(result.ids).size).toBe(1000)
    })

    test('drafts of non-members and for missing rooms are refused; the rest of the batch is written', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann])
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      const nowhere = { id: id(Number.MAX_SAFE_INTEGER) }
      const before = await world.head(room)
      const batch = batchOf([
        world.draft(room, ann),
        world.draft(room, bob),
        world.draft(room, ann),
        world.draft(gone, ann),
        world.draft(nowhere, ann),
      ])
      const result = await world.store.append(0, batch)
      expect(verdictsOf(result)).toEqual(['sent', 'not_member', 'sent', 'no_room', 'no_room'])
      expect([result.seqs[0], result.seqs[2]]).toEqual([id((before ?? 0) + 1), id((before ?? 0) + 2)])
      expect(await world.head(room)).toBe(id((before ?? 0) + 2))
    })

    test('an invitation alone lets nobody write', async () => {
      const [ann, bob] = await world.pair()
      const room = await world.room([ann], 'private')
      await world.store.invite(await world.accessFacts(room, ann), ann, [bob])
      expect(verdictsOf(await world.store.append(0, batchOf([world.draft(room, bob)])))).toEqual([
        'not_member',
      ])
    })

    test('no message of a removed member follows the removal, even in a race', async () => {
      const [ann, bob] = await world.pair()
      for (let round = 0; round < 5; round++) {
        const room = await world.room([ann, bob])
        const sends = world.lanes.map(async ([log, lane]) => {
          const sent: number[] = []
          for (;;) {
            const batch = batchOf([world.draft(room, ann), world.draft(room, bob)])
            const result = await log.append(lane, batch)
            if (verdictsOf(result)[1] !== 'sent') return { sent, last: verdictsOf(result)[1] }
            sent.push(result.seqs[1] ?? 0)
          }
        })
        const removal = await world.remove(room, ann, bob)
        for (const { sent, last } of await Promise.all(sends)) {
          expect(last).toBe('not_member')
          expect(sent.filter((seq) => seq > removal.seq)).toEqual([])
        }
      }
    })

    test.each([
      ['plain', false],
      ['with a retry in it', true],
    ])('a batch that cannot be written leaves nothing behind: %s', async (_, retried) => {
      const ann = await world.user()
      const rooms = [await world.room([ann]), await world.room([ann])] as const
      const good = rooms.map((room) => world.draft(room, ann))
      const bad = world.draft(rooms[1], ann, { body: 'not for Postgres: \0' })
      const first = world.draft(rooms[0], ann)
      if (retried) await world.store.append(0, batchOf([first]))
      const before = await world.store.heads(rooms.map((room) => room.id))
      const batch = batchOf([...(retried ? [first] : []), ...good, bad])
      const error = await world.store.append(0, batch).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(ChatError)
      expect(await world.store.heads(rooms.map((room) => room.id))).toEqual(before)
      // And the lane goes on; the keys are free.
      expect(verdictsOf(await world.store.append(0, batchOf(good)))).toEqual(['sent', 'sent'])
    })
  })
}
