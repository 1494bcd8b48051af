import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { FairQueue } from '../../src/server/identity/fair-queue.ts'

test('sources take turns, each in its own order', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
    expect(queue.push(item.slice(0, 1), item)).toBeNull()
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

test('a full queue gives the latest place of the source with most entries to one with fewer, and refuses all others', () => {
  const queue = new FairQueue<string>(3)
  for (const item of ['a1', 'a2', 'a3']) queue.push('a', item)
  expect(queue.push('a', 'a4')).toBe('a4')
  expect(queue.push('b', 'b1')).toBe('a3')
  expect(queue.push('b', 'b2')).toBe('b2')
  expect(queue.push('c', 'c1')).toBe('a2')
  expect(queue.push('d', 'd1')).toBe('d1')
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1'])
})

test('a queue of size zero refuses everyone', () => {
  const queue = new FairQueue<string>(0)
  expect(queue.push('a', 'a1')).toBe('a1')
  expect([queue.size, queue.shift()]).toEqual([0, undefined])
})

test('for any input the queue fills up to its size, loses nothing, and serves all sources fairly', () => {
  const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant(null))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const queue = new FairQueue<string>(limit)
      const waiting: string[] = []
      for (const [index, source] of steps.entries()) {
        if (source === null) {
          const next = queue.shift()
          expect(next !== undefined).toBe(waiting.length > 0)
          if (next !== undefined) waiting.splice(waiting.indexOf(next), 1)
        } else {
          const item = `${source}${index}`
          waiting.push(item)
          const gone = queue.push(source, item)
          if (gone !== null) {
            waiting.splice(waiting.indexOf(gone), 1)
            const most = Math.max(...countsOf(waiting).values())
            if (gone === item) expect(most).toBeLessThanOrEqual((countsOf(waiting).get(source) ?? 0) + 1)
          }
        }
        expect(queue.size).toBe(waiting.length)
        expect(queue.size).toBeLessThanOrEqual(limit)
      }
      expect(drained(queue).toSorted()).toEqual(waiting.toSorted())
    }),
  )
})

function countsOf(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [source = ''] of items) counts.set(source, (counts.get(source) ?? 0) + 1)
  return counts
}

function drained(queue: FairQueue<string>): string[] {
  const items: string[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) items.push(next)
  return items
}
