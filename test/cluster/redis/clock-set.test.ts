// The clock of Redis's machine is set an hour forward or back, as by an administrator or a failover to another machine. To what
// Redis keeps it is the same whether its clock moves, or all times that it keeps move the other way.
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { openRedis } from '../../../src/cluster/redis/connection/clients.ts'
import { createRedisLimiter } from '../../../src/cluster/redis/limits/limiter.ts'
import { systemClock } from '../../../src/server/index.ts'
import { id } from '../../core/fakes/values.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { asking } from './support/asking.ts'
import { openPresence, type PresenceNode } from './support/presence-node.ts'

const HOUR_MS = 3_600_000
const TIMES = { leaseMs: 1000, renewMs: 100 }
const ANN = id(1)

let redis: RedisServer
const nodes: PresenceNode[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close()
  await asking(redis.url, (client) => client.flushall())
})
afterAll(() => redis.remove())

test('after the clock went back, a used-up limit makes nobody wait longer than a minute', async () => {
  const failures: unknown[] = []
  const clients = openRedis(redis.url, (error) => failures.push(error))
  await clients.ready(5000)
  const limits = {
    requestsPerMinute: 2,
    loginsPerMinute: 2,
    registrationsPerMinute: 2,
    guestsPerMinute: 2,
    searchesPerMinute: 2,
  }
  const limiter = createRedisLimiter(clients.commands, 'test', systemClock, limits, (error) =>
    failures.push(error),
  )
  for (const scope of ['login_account', 'login_address'] as const) {
    while ((await limiter.take(scope, 'ann')).waitMs === 0);
  }
  await moveClock(-HOUR_MS)
  for (const scope of ['login_account', 'login_address'] as const) {
    const refused = await limiter.take(scope, 'ann')
    expect(refused.waitMs).toBeGreaterThan(0)
    expect(Math.max(refused.waitMs, refused.resetMs)).toBeLessThanOrEqual(60_000)
  }
  expect(failures).toEqual([])
  clients.close()
})

test('after the clock went forward, no live node is declared dead', async () => {
  const [one, two] = [await open(), await open()]
  await one.users.arrive(ANN)
  await moveClock(HOUR_MS)
  await renewals()
  for (const node of [one, two]) {
    expect([node.told, node.offline]).toEqual([{ died: 0, buried: 0 }, []])
    expect(await node.users.online([ANN])).toEqual(new Set([ANN]))
  }
})

test.each([HOUR_MS, -HOUR_MS])(
  'a node that has just died is found as usual after the clock moved %d ms',
  async (by) => {
    const [dying, left] = [await open(), await open()]
    await dying.users.arrive(ANN)
    await renewals()
    dying.vanish()
    await moveClock(by)
    await until(() => left.offline.length > 0, 'the user to be offline')
    expect([left.offline, left.told]).toEqual([[ANN], { died: 1, buried: 0 }])
  },
)

async function open(): Promise<PresenceNode> {
  const node = await openPresence(redis.url, TIMES)
  nodes.push(node)
  return node
}

/** Moves Redis's clock, by moving the times that it keeps: when keys expire, and when it was last asked for the time. */
async function moveClock(byMs: number): Promise<void> {
  await asking(redis.url, async (client) => {
    for (const key of await client.keys('*')) {
      const left = await client.pttl(key)
      if (left > 0) await client.pexpire(key, left - byMs)
      if (key.endsWith(':clock')) await client.hincrby(key, 'wall', -byMs)
    }
  })
}

/** Resolves once every node has renewed its lease a few times. */
async function renewals(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) for (const node of nodes) await node.check()
}
