import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import { createMemoryLimiter } from '../../src/cluster/memory-limiter.ts'
import type { Limiter, LimitScope } from '../../src/core/index.ts'

const limits = { requestsPerMinute: 3, loginsPerMinute: 1 }

beforeEach(() => {
  jest.useFakeTimers()
})

afterEach(() => {
  jest.useRealTimers()
})

test('what was taken is free again after the time that the refusal named, at most a minute', async () => {
  const wait = waits(createMemoryLimiter(limits))
  for (let i = 0; i < 3; i++) expect(await wait('request_address', 'here')).toBe(0)
  jest.advanceTimersByTime(20_000)
  expect(await wait('request_address', 'here')).toBe(40_000)
  jest.advanceTimersByTime(40_000)
  for (let i = 0; i < 3; i++) expect(await wait('request_address', 'here')).toBe(0)
  expect(await wait('request_address', 'here')).toBe(60_000)
})

test('what is given back after the minute in which it was taken adds nothing to the next one', async () => {
  const limiter = createMemoryLimiter(limits)
  const wait = waits(limiter)
  expect(await wait('login_account', 'ann')).toBe(0)
  jest.advanceTimersByTime(60_000)
  await limiter.giveBack('login_account', 'ann')
  expect(await wait('login_account', 'ann')).toBe(0)
  expect(await wait('login_account', 'ann')).toBeGreaterThan(0)
})

function waits(limiter: Limiter): (scope: LimitScope, key: string) => Promise<number> {
  return async (scope, key) => (await limiter.take(scope, key)).waitMs
}
