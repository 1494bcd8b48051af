import { beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { HistoryWhere, Message, Room, User } from '../../../src/core/index.ts'
import { id, present, seq } from '../../core/fakes/values.ts'
import { type MakeStores, World } from '../world.ts'

const where: fc.Arbitrary<HistoryWhere> = fc.oneof(
  fc.constant<HistoryWhere>('latest'),
  fc.nat(70).map((n): HistoryWhere => ({ before: seq(n) })),
  fc.nat(70).map((n): HistoryWhere => ({ after: seq(n) })),
  fc.nat(70).map((n): HistoryWhere => ({ around: seq(n) })),
)

/** What `MessageLog` promises of pages of history. */
export function historyContract(make: MakeStores): void {
  describe('history', () => {
    let world: World
    let ann: User
    let room: Room
    /** All messages of the room, oldest first, tombstones included. */
    let all: Message[]

    beforeAll(async () => {
      world = new World(await make())
      const users = await world.users(5)
      ann = present(users[0])
      room = await world.room([ann])
      // Messages, with joinings between them and every fifth deleted.
      for (const user of users.slice(1)) {
        await world.send(room, ann, ...Array.from({ length: 10 }, (_, i) => `message ${i}`))
        await world.join(room, user)
      }
      const sent = (await world.store.history(room.id, 'latest', 100, { tombstones: true })).messages
      for (const message of sent.filter((_, i) => i % 5 === 0)) await world.revise(room, ann, message, null)
      for (const message of sent.filter((_, i) => i % 7 === 1)) {
        if (message.seq % 5 !== 0)
          await world.store.revise(await world.accessFacts(room, ann), ann.id, message, 'edited')
      }
      all = await Promise.all(sent.map((message) => world.read(room, { seq: message.seq })))
      expect(all).toHaveLength(40)
    })

    test('has the messages in the range, oldest first, and says whether there are more', async () => {
      const head = await world.head(room)
      await fc.assert(
        fc.asyncProperty(
          where,
          fc.integer({ min: 1, max: 60 }),
          fc.boolean(),
          async (at, limit, tombstones) => {
            const page = await world.store.history(room.id, at, limit, { tombstones })
            const shown = tombstones ? all : all.filter((message) => message.deletedAt === null)
            const [from, to] = bounds(shown, at, limit)
            expect(page).toEqual({
              messages: shown.slice(from, to),
              reactions: new Map(),
              threads: new Map(),
              pins: new Map(),
              head: seq(present(head)),
              hasOlder: from > 0,
              hasNewer: to < shown.length,
            })
          },
        ),
        { numRuns: 60 },
      )
    })

    test('around a message contains it, for any limit', async () => {
      for (const limit of [1, 2, 3, 10]) {
        const at = present(all[20])
        const page = await world.store.history(room.id, { around: at.seq }, limit, { tombstones: true })
        expect(page.messages).toContainEqual(at)
        expect(page.messages).toHaveLength(limit)
      }
    })

    test('of a room without messages is empty', async () => {
      const empty = await world.room([ann])
      for (const at of ['latest', { before: seq(1) }, { after: seq(0) }, { around: seq(1) }] as const) {
        expect(await world.store.history(empty.id, at, 10, { tombstones: true })).toEqual({
          messages: [],
          reactions: new Map(),
          threads: new Map(),
          pins: new Map(),
          head: id(1),
          hasOlder: false,
          hasNewer: false,
        })
      }
    })

    test('in numbered pages is newest first, without tombstones, with the total count', async () => {
      const shown = all.filter((message) => message.deletedAt === null).toReversed()
      for (const [offset, limit] of [
        [0, 10],
        [10, 10],
        [25, 10],
        [0, 1],
        [31, 5],
        [32, 5],
        [1000, 5],
      ] as const) {
        expect(await world.store.numberedPage(room.id, offset, limit)).toEqual({
          messages: shown.slice(offset, offset + limit),
          count: shown.length,
        })
      }
      const empty = await world.room([ann])
      expect(await world.store.numberedPage(empty.id, 0, 10)).toEqual({ messages: [], count: 0 })
    })

    test('heads are the latest numbers of the existing rooms', async () => {
      const other = await world.room([ann])
      const gone = await world.room([ann])
      await world.store.deleteRoom(await world.accessFacts(gone, ann), ann.id)
      const asked = [room.id, other.id, gone.id, id(Number.MAX_SAFE_INTEGER)]
      const expected = new Map([
        [room.id, (await world.now(room)).lastSeq],
        [other.id, seq(1)],
      ])
      expect(await world.store.heads(asked)).toEqual(expected)
      expect(await world.store.heads([])).toEqual(new Map())
    })

    test('a missing message is null', async () => {
      for (const at of [{ seq: id(1) }, { seq: id(9999) }, { id: id(Number.MAX_SAFE_INTEGER) }]) {
        expect(await world.store.message(room.id, at)).toBeNull()
      }
    })
  })
}

/** The page as a stretch of what is shown: the first index, and the one after the last. */
function bounds(shown: readonly Message[], at: HistoryWhere, limit: number): [number, number] {
  const first = (wanted: (message: Message) => boolean) => {
    const found = shown.findIndex(wanted)
    return found === -1 ? shown.length : found
  }
  if (at === 'latest') return [Math.max(0, shown.length - limit), shown.length]
  if ('before' in at) {
    const to = first((message) => message.seq >= at.before)
    return [Math.max(0, to - limit), to]
  }
  if ('after' in at) {
    const from = first((message) => message.seq > at.after)
    return [from, Math.min(shown.length, from + limit)]
  }
  // Half of the page before the place, the other half, the larger one, from it on.
  const pivot = first((message) => message.seq >= at.around)
  const older = Math.floor(limit / 2)
  return [Math.max(0, pivot - older), Math.min(shown.length, pivot + limit - older)]
}
