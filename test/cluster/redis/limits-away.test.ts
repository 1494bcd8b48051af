// Limits and budgets while Redis is away: each node by itself, at once, and together again after.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { COMMAND_MS, openRedis, type RedisClients } from '../../../src/cluster/redis/connection/clients.ts'
import { createBudgetLedger } from '../../../src/cluster/redis/limits/budget-ledger.ts'
import { createRedisLimiter } from '../../../src/cluster/redis/limits/limiter.ts'
import { createSharedBudget } from '../../../src/cluster/shared-budget.ts'
import type { Limiter, SendBudget } from '../../../src/core/index.ts'
import { systemClock } from '../../../src/server/index.ts'
import { id } from '../../core/fakes/values.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { asking } from './support/asking.ts'

const LIMITS = {
  requestsPerMinute: 5,
  loginsPerMinute: 3,
  registrationsPerMinute: 3,
  guestsPerMinute: 3,
  searchesPerMinute: 3,
}
const BUDGET = { messagesPerSecond: 0.001, burst: 10, users: 10 }

let redis: RedisServer
let clients: RedisClients[]
let limiters: Limiter[]
let budgets: (SendBudget & { close(): void })[]
let failures: unknown[]

beforeAll(async () => {
  redis = await startRedis()
})
beforeEach(async () => {
  failures = []
  clients = [0, 1].map(() => openRedis(redis.url, (error) => failures.push(error)))
  for (const each of clients) await each.ready(5000)
  limiters = clients.map(({ commands }) =>
    createRedisLimiter(commands, 'test', systemClock, LIMITS, (error) => failures.push(error)),
  )
  budgets = clients.map(({ commands }) => {
    const ledger = createBudgetLedger(commands, 'test', 'm', BUDGET, (error) => failures.push(error))
    return createSharedBudget(systemClock, ledger, BUDGET)
  })
})
afterEach(async () => {
  for (const budget of budgets) budget.close()
  for (const each of clients) each.close()
  await asking(redis.url, (client) => client.flushall())
})
afterAll(() => redis.remove())

test.each(['kill', 'pause'] as const)(
  'after a %s each node counts by itself, until Redis is back',
  async (go) => {
    await redis[go]()
    const from = performance.now()
    for (const limiter of limiters) {
      for (const scope of ['request_address', 'login_account'] as const) {
        const limit = scope === 'request_address' ? 5 : 3
        for (let i = 1; i <= limit; i++) {
          expect(await limiter.take(scope, 'ann')).toMatchObject({ waitMs: 0, limit, left: limit - i })
        }
        expect((await limiter.take(scope, 'ann')).waitMs).toBeGreaterThan(0)
      }
      await limiter.giveBack('login_account', 'ann')
      expect((await limiter.take('login_account', 'ann')).waitMs).toBe(0)
    }
    // Once a node has found Redis away it waits for it no more: of some forty commands only the first ones did.
    expect(performance.now() - from).toBeLessThan(10 * COMMAND_MS)

    for (const budget of budgets) {
      for (let i = 0; i < 10; i++) expect(budget.take(id(1))).toBe(0)
      expect([budget.take(id(1)) > 0, budget.left(id(1))]).toEqual([true, 0])
    }
    await until(() => failures.length > 0, 'the failure to be told')

    await (go === 'kill' ? redis.start() : redis.resume())
    for (const each of clients) await until(() => each.ready(1000), 'the connection')
    const [one, two] = limiters
    const taken = [await one?.take('login_account', 'bob'), await two?.take('login_account', 'bob')]
    expect(taken).toMatchObject([{ left: 2 }, { left: 1 }])
  },
)

test('a flood from one address is refused without a Redis command for each request', async () => {
  const [one] = limiters
  for (let i = 0; i < 6; i++) await one?.take('request_address', 'flood')
  const before = await commandsOf(redis)
  for (let i = 0; i < 200; i++) {
    const taken = await one?.take('request_address', 'flood')
    expect(taken).toMatchObject({ limit: 5, left: 0 })
    expect(taken?.waitMs).toBeGreaterThan(0)
  }
  expect((await commandsOf(redis)) - before).toBeLessThan(20)
})

test('a budget sends Redis nothing for idle users, and little for busy ones', async () => {
  const [one] = budgets
  one?.take(id(5))
  await until(
    async () => (await asking(redis.url, (client) => client.exists(`test:1:{b5}:m:5`))) === 1,
    'the use',
  )
  const before = await commandsOf(redis)
  const from = performance.now()
  await until(() => performance.now() - from > 500, 'half a second')
  expect((await commandsOf(redis)) - before).toBeLessThan(10)
})

test('full buckets are forgotten', async () => {
  const fast = { messagesPerSecond: 1000, burst: 10, users: 10 }
  const ledger = createBudgetLedger(clients[0]?.commands ?? failing(), 'test', 'm', fast, (error) =>
    failures.push(error),
  )
  expect(await ledger.spend([[id(6), 10]])).toEqual(new Map([[id(6), 0]]))
  const key = 'test:1:{b6}:m:6'
  expect(await asking(redis.url, (client) => client.pttl(key))).toBeLessThan(2000)
  await until(
    async () => (await asking(redis.url, (client) => client.exists(key))) === 0,
    'it to be forgotten',
  )
})

test('many users are reported in few calls', async () => {
  const ledger = createBudgetLedger(clients[0]?.commands ?? failing(), 'test', 'm', BUDGET, (error) =>
    failures.push(error),
  )
  const before = await commandsOf(redis)
  const used = Array.from({ length: 5000 }, (_, i) => [id(i + 1), (i % 3) + 1] as const)
  const left = await ledger.spend(used)
  expect(left).toEqual(new Map(used.map(([user, count]) => [user, 10 - count])))
  expect((await commandsOf(redis)) - before).toBeLessThan(100)
  expect(failures).toEqual([])
})

/** Calls of scripts and the like that clients have sent so far. */
async function commandsOf({ url }: RedisServer): Promise<number> {
  const stats = await asking(url, (client) => client.info('commandstats'))
  const calls = [...stats.matchAll(/^cmdstat_(eval|evalsha|exec|multi):calls=(\d+)/gm)]
  return calls.reduce((sum, [, , count]) => sum + Number(count), 0)
}

function failing(): never {
  throw new Error('there is no client')
}
