import { beforeEach, expect, test } from 'bun:test'
import { createMemoryLimiter } from '../../src/cluster/local/limiter.ts'
import type { Limiter, LimitScope } from '../../src/core/index.ts'
import { FakeClock } from '../core/fakes/clock.ts'

const limits = {
  requestsPerMinute: 3,
  loginsPerMinute: 1,
  registrationsPerMinute: 1,
  guestsPerMinute: 1,
  searchesPerMinute: 1,
}
let clock: FakeClock
let limiter: Limiter

beforeEach(() => {
  clock = new FakeClock()
  limiter = createMemoryLimiter(clock, limits)
})

test('what was taken is available again after the time that the refusal named, at most a minute', async () => {
  for (let i = 0; i < 3; i++) expect(await wait('request_address', 'here')).toBe(0)
  await clock.advance(20_000)
  expect(await wait('request_address', 'here')).toBe(40_000)
  await clock.advance(40_000)
  for (let i = 0; i < 3; i++) expect(await wait('request_address', 'here')).toBe(0)
  expect(await wait('request_address', 'here')).toBe(60_000)
})

test('what is returned after the minute in which it was taken adds nothing to the next minute', async () => {
  expect(await wait('login_account', 'ann')).toBe(0)
  await clock.advance(60_000)
  await limiter.giveBack('login_account', 'ann')
  expect(await wait('login_account', 'ann')).toBe(0)
  expect(await wait('login_account', 'ann')).toBeGreaterThan(0)
})

test('a hundred thousand keys are remembered, and no more', async () => {
  expect(await wait('login_account', 'ann')).toBe(0)
  for (let i = 1; i < 100_000; i++) await limiter.take('request_address', `${i}`)
  expect(await wait('login_account', 'ann')).toBeGreaterThan(0)
  for (let i = 0; i < 100_000; i++) await limiter.take('request_address', `other ${i}`)
  expect(await wait('login_account', 'ann')).toBe(0)
})

async function wait(scope: LimitScope, key: string): Promise<number> {
  return (await limiter.take(scope, key)).waitMs
}
