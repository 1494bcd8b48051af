import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { SmallMap } from '../../../src/api/v2/socket/small-map.ts'

const key = fc.integer({ min: 0, max: 3 })
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constant('clear' as const) }),
)

test('after any insertions and deletions it holds the entries of a Map, in the same order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [small, model] = [new SmallMap<number, number>(), new Map<number, number>()]
      for (const one of steps) {
        if (one.do === 'set') {
          small.set(one.key, one.value)
          model.set(one.key, one.value)
        } else if (one.do === 'delete') {
          small.delete(one.key)
          model.delete(one.key)
        } else {
          small.clear()
          model.clear()
        }
        expect([...small.entries()]).toEqual([...model])
        expect(small.size).toBe(model.size)
        for (let at = 0; at <= 3; at++) expect(small.get(at)).toBe(model.get(at))
      }
    }),
  )
})

test('deleting entries during iteration skips none and does not end the iteration', () => {
  for (const count of [1, 2, 5]) {
    const map = new SmallMap<number, string>()
    for (let i = 0; i < count; i++) map.set(i, `${i}`)
    const seen: number[] = []
    for (const [at] of map.entries()) {
      seen.push(at)
      map.delete(at)
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(map.size).toBe(0)
  }
})
