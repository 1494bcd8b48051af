import { expect, test } from 'bun:test'
import { chooseSeed, createRandom } from './random.ts'
import { survivesEmbedded, survivesOnPostgres } from './survival.ts'

test(
  'acknowledged messages survive two kills, on Postgres',
  () => survivesOnPostgres(2, chooseSeed()),
  180_000,
)

test.concurrent('and in the embedded database', () => survivesEmbedded(2, chooseSeed()), 180_000)

test('the same seed gives the same kills', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 100 }, () => random.below(6))
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(new Set(draw(7))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
})
