import { expect, test } from 'bun:test'
import { cutOver, sharedChanges } from '../../src/core/cut-over.ts'
import type { Changes, RoomEvent } from '../../src/core/index.ts'
import { FeedRig } from './fakes/feed-rig.ts'
import { id, seq } from './fakes/values.ts'

/** A log that answers when it is told to. */
function heldLog() {
  const reads: { after: number; answer: PromiseWithResolvers<Changes | null> }[] = []
  const log = sharedChanges({
    changes(_room, after) {
      const answer = Promise.withResolvers<Changes | null>()
      reads.push({ after, answer })
      return answer.promise
    },
  })
  return { reads, log }
}

const page = (head: number): Changes => ({ events: [], head: seq(head), complete: true })

test('a page that many ask for meanwhile is read once; another page, or one asked for later, anew', async () => {
  const { reads, log } = heldLog()
  const crowd = Array.from({ length: 100 }, () => log.changes(id(1), seq(5), 200))
  const others = [log.changes(id(1), seq(6), 200), log.changes(id(2), seq(5), 200)]
  expect(reads.map(({ after }) => after)).toEqual([5, 6, 5])
  for (const { answer } of reads) answer.resolve(page(9))
  expect(await Promise.all([...crowd, ...others])).toEqual(Array.from({ length: 102 }, () => page(9)))
  const later = log.changes(id(1), seq(5), 200)
  expect(reads).toHaveLength(4)
  reads[3]?.answer.resolve(page(10))
  expect(await later).toEqual(page(10))
})

test('a page that cannot be read fails all who wait for it, and nobody who comes later', async () => {
  const { reads, log } = heldLog()
  const crowd = Promise.allSettled([log.changes(id(1), seq(0), 9), log.changes(id(1), seq(0), 9)])
  reads[0]?.answer.reject(new Error('away'))
  expect((await crowd).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const later = log.changes(id(1), seq(0), 9)
  reads[1]?.answer.resolve(null)
  expect(await later).toBeNull()
})

test('who joins a read that began before the room went on gets the rest, once and in order', async () => {
  const rig = new FeedRig()
  rig.send(300)
  const tracked = await rig.opened()
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const log = sharedChanges({
    async changes(room, after, limit) {
      const read = await rig.model.changes(room, after, limit)
      begun.resolve()
      await gate.promise
      return read
    },
  })
  const readers = [0, 1].map(() => {
    const got: RoomEvent[] = []
    const reader = {
      page: async (events: readonly RoomEvent[]) => void got.push(...events),
      show: (events: readonly RoomEvent[]) => void got.push(...events),
      attach: () => undefined,
      alive: () => true,
    }
    return { got, reader }
  })
  const [first, second] = readers
  if (first === undefined || second === undefined) throw new Error('there are two')
  const one = cutOver(tracked, seq(0), log, first.reader)
  await begun.promise
  rig.accept(...rig.send(200))
  const other = cutOver(tracked, seq(0), log, second.reader)
  gate.resolve()
  expect(await Promise.all([one, other])).toEqual([true, true])
  const all = Array.from({ length: 500 }, (_, i) => i + 1)
  for (const { got } of readers) expect(got.map((event) => event.seq)).toEqual(all.map(seq))
})
