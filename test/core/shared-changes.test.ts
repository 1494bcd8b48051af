import { expect, test } from 'bun:test'
import { cutOver, sharedChanges } from '../../src/core/feed/cut-over.ts'
import type { Changes, Recent, RoomEvent } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { FeedRig } from './fakes/feed-rig.ts'
import { id, seq } from './fakes/values.ts'

/** A log whose reads end when they are told to. */
function heldLog() {
  const reads: { after: number; result: PromiseWithResolvers<Changes | null> }[] = []
  const log = sharedChanges({
    changes(_room, after) {
      const result = Promise.withResolvers<Changes | null>()
      reads.push({ after, result })
      return result.promise
    },
  })
  return { reads, log }
}

const page = (head: number): Changes => ({ events: [], head: seq(head), readAt: seq(head) })

test('a page requested while it is being read is read once more, for all who asked', async () => {
  const { reads, log } = heldLog()
  const first = log.changes(id(1), seq(5), 200)
  const crowd = Array.from({ length: 100 }, () => log.changes(id(1), seq(5), 200))
  const others = [log.changes(id(1), seq(6), 200), log.changes(id(2), seq(5), 200)]
  expect(reads.map(({ after }) => after)).toEqual([5, 6, 5])
  for (const { result } of reads) result.resolve(page(9))
  expect(await Promise.all([first, ...others])).toEqual([page(9), page(9), page(9)])
  await settled()
  expect(reads).toHaveLength(4)
  const late = log.changes(id(1), seq(5), 200)
  reads[3]?.result.resolve(page(10))
  expect(await Promise.all(crowd)).toEqual(crowd.map(() => page(10)))
  await settled()
  reads[4]?.result.resolve(page(11))
  expect(await late).toEqual(page(11))
  expect(reads).toHaveLength(5)
})

test('a page that cannot be read fails those who wait for it, and nobody who asks later', async () => {
  const { reads, log } = heldLog()
  const first = log.changes(id(1), seq(0), 9)
  const next = log.changes(id(1), seq(0), 9)
  reads[0]?.result.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await settled()
  reads[1]?.result.resolve(null)
  expect(await next).toBeNull()
  const later = log.changes(id(1), seq(0), 9)
  reads[2]?.result.resolve(page(1))
  expect(await later).toEqual(page(1))
})

test('a request after a change of a message never gets the former text', async () => {
  const rig = new FeedRig()
  rig.model.send('former words')
  const gate = Promise.withResolvers<void>()
  rig.model.after = () => gate.promise
  const log = sharedChanges(rig.model)
  const before = log.changes(rig.model.id, seq(0), 10)
  await settled()
  rig.model.revise(0, null)
  const after = log.changes(rig.model.id, seq(0), 10)
  gate.resolve()
  expect((await before)?.events).toMatchObject([{ message: { body: 'former words' } }])
  expect((await after)?.events).toMatchObject([{ message: { body: '' } }])
})

test('two readers that catch up together on a live room get everything, once and in order', async () => {
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
      page: async ({ events, head }: Changes) => {
        got.push(...events)
        return head
      },
      show: ({ events }: Recent) => void got.push(...events),
      isFull: () => false,
      drained: () => Promise.resolve(),
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
