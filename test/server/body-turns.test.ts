// Large bodies that arrive together are read in one turn of the event loop each.
import { expect, test } from 'bun:test'
import { createTurns } from '../../src/core/index.ts'
import { createBodies } from '../../src/server/index.ts'

const LIMITS = { maxBodyBytes: 1_000_000, bodyDeadlineMs: 10_000 }

test('large bodies take turns, in the order in which they arrived, and small ones do not wait for them', async () => {
  const bodies = createBodies(LIMITS, createTurns())
  const read: [size: string, turn: number][] = []
  let turn = 0
  let isOver = false
  const count = (): void => {
    turn++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await Promise.all(
    ['first', 'second', 'third', 'small'].map(async (name) => {
      const text = JSON.stringify({ name, filler: 'x'.repeat(name === 'small' ? 10 : 500_000) })
      const request = new Request('http://localhost/', { method: 'POST', body: text })
      expect(await bodies.read(request, 'application/json')).toMatchObject({ name })
      read.push([name, turn])
    }),
  )
  isOver = true
  expect(read.map(([name]) => name).filter((name) => name !== 'small')).toEqual(['first', 'second', 'third'])
  const turnOf = Object.fromEntries(read)
  expect(turnOf.small).toBeLessThan(turnOf.second ?? 0)
  expect(new Set([turnOf.first, turnOf.second, turnOf.third]).size).toBe(3)
})
