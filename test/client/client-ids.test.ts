import { expect, test } from 'bun:test'
import { createClientIds } from '../../src/client/client-ids.ts'

test('keys are unique, and ascend as text even when the clock does not', () => {
  const times = [5, 5, 5, 4, 1, 6, Date.UTC(2026, 1, 13), Date.UTC(2126, 1, 13)]
  const next = createClientIds(() => times.shift() ?? 0)
  const ids = Array.from({ length: 50_000 }, next)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^[0-9a-z]{29}$/.test(id))).toBe(true)
})

test('keys of two clients at the same moment differ', () => {
  const [one, other] = [createClientIds(() => 5), createClientIds(() => 5)]
  expect(one()).not.toBe(other())
})
