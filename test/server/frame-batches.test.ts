import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { batchesOf } from '../../src/server/sockets/frame-batches.ts'

test('makes one array of several frames, and leaves a single one as it is', () => {
  expect(batchesOf([])).toEqual([])
  expect(batchesOf(['{"a":1}'])).toEqual(['{"a":1}'])
  expect(batchesOf(['{"a":1}', '{"b":2}'])).toEqual(['[{"a":1},{"b":2}]'])
})

test('keeps all frames in their order, in batches of bounded size', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 40 })
  fc.assert(
    fc.property(lengths, (all) => {
      const frames = all.map((length, n) => JSON.stringify({ n, fill: 'x'.repeat(length) }))
      const batches = batchesOf(frames)
      expect(batches.flatMap((text) => JSON.parse(text))).toEqual(frames.map((text) => JSON.parse(text)))
      for (const text of batches) expect(text.length).toBeLessThan(65_536 + 31_000)
      // No two neighbours would have fitted into one.
      for (const [at, text] of batches.entries()) {
        const next = batches[at + 1]
        if (next !== undefined) expect(text.length).toBeGreaterThan(65_000)
      }
    }),
  )
})
