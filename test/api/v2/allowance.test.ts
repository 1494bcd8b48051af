import { expect, test } from 'bun:test'
import { Allowance } from '../../../src/api/v2/socket/allowance.ts'

/** Takes amounts; says which of them have been given. */
function takers(whole: number) {
  const allowance = new Allowance(whole)
  const given: number[] = []
  const take = (amount: number) => void allowance.take(amount).then((share) => given.push(share))
  return { allowance, given, take, settled: () => Bun.sleep(0) }
}

test('what is left is given at once, and the rest in order, as others give back', async () => {
  const { allowance, given, take, settled } = takers(10)
  for (const amount of [4, 5, 3, 1]) take(amount)
  await settled()
  // One is left, but the three came before.
  expect(given).toEqual([4, 5])
  allowance.give(1)
  await settled()
  expect(given).toEqual([4, 5])
  allowance.give(3)
  await settled()
  expect(given).toEqual([4, 5, 3, 1])
})

test('whoever wants more than there is takes all of it, and gives that back', async () => {
  const { allowance, given, take, settled } = takers(10)
  take(1)
  take(1_000_000)
  take(2)
  await settled()
  expect(given).toEqual([1])
  allowance.give(1)
  await settled()
  expect(given).toEqual([1, 10])
  allowance.give(10)
  await settled()
  expect(given).toEqual([1, 10, 2])
})
