import { expect, test } from 'bun:test'
import { createTurns } from '../../src/core/index.ts'

const LARGE = 1_000_000
const HALF = 130_000
const SMALL = 1000

/** Takes all of them at once. @returns in which turn of the event loop each was given */
async function turnsOf(sizes: readonly number[]): Promise<number[]> {
  let turn = 0
  let left = sizes.length
  function count(): void {
    turn++
    if (left > 0) setImmediate(count)
  }
  // Before any of them, so that a turn begins with it.
  setImmediate(count)
  const take = createTurns()
  return Promise.all(
    sizes.map(async (size) => {
      await take(size)
      left--
      return turn
    }),
  )
}

test('large work gets its own turn, in order of arrival, and other work gets two turns in between', async () => {
  expect(await turnsOf([LARGE, LARGE, LARGE])).toEqual([0, 3, 6])
})

test('one turn does as much as fits', async () => {
  expect(await turnsOf([HALF, HALF, HALF, HALF, HALF])).toEqual([0, 0, 3, 3, 6])
})

test('small work never waits', async () => {
  expect(await turnsOf([LARGE, LARGE, SMALL, LARGE, SMALL])).toEqual([0, 3, 0, 6, 0])
})

test('work in a later turn does not wait for finished work', async () => {
  const take = createTurns()
  for (let i = 0; i < 3; i++) {
    let given = false
    take(LARGE).then(() => {
      given = true
    })
    await Promise.resolve()
    expect(given).toBe(true)
    for (let round = 0; round < 4; round++) await new Promise((resolve) => setImmediate(resolve))
  }
})
