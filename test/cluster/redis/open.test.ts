// A node's whole share of what nodes share: what it tells of itself.
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type Cluster, type ClusterHandlers, openRedisCluster } from '../../../src/cluster/index.ts'
import { systemClock } from '../../../src/server/index.ts'
import { id } from '../../core/fakes/values.ts'
import { said } from '../../ports/fan-out.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { asking } from './support/asking.ts'

const LIMITS = { messagesPerSecond: 10, burst: 10, users: 10 }
const OPTIONS = {
  prefix: 'test',
  shards: 4,
  requestsPerMinute: 10,
  loginsPerMinute: 10,
  registrationsPerMinute: 10,
  guestsPerMinute: 10,
  searchesPerMinute: 10,
  messages: LIMITS,
  requests: LIMITS,
  connections: { address: 10, user: 10 },
  epoch: () => '1-0123abcd',
}

let redis: RedisServer
const told: (Error | null)[] = []
const nodes: Cluster[] = []

beforeEach(async () => {
  redis = await startRedis()
})
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close()
  told.splice(0)
  await redis.remove()
})

async function open(handlers: Partial<ClusterHandlers> = {}, shards = OPTIONS.shards): Promise<Cluster> {
  const node = await openRedisCluster(systemClock, {
    ...OPTIONS,
    shards,
    url: redis.url,
    onChange: (away) => told.push(away),
  })
  nodes.push(node)
  node.start({
    events: ignore,
    head: ignore,
    signal: ignore,
    lostEvents: ignore,
    lostSignals: ignore,
    offline: ignore,
    departed: ignore,
    buried: ignore,
    crowded: ignore,
    otherEpoch: ignore,
    fault: ignore,
    ...handlers,
  })
  return node
}

test('heads are compared rarely while everything works, often during an outage, and in between after a loss', async () => {
  const node = await open()
  await until(() => node.reconcileMs() === 60_000, 'all to be well')
  expect(told).toEqual([])
  await redis.kill()
  await until(() => node.reconcileMs() === 1000, 'the outage to be known')
  expect(told).toEqual([expect.any(Error)])
  await redis.start()
  await until(() => node.reconcileMs() === 5000, 'it to be heard again')
  await until(() => node.reconcileMs() === 5000 && told.length === 2, 'that it is back')
  expect(told[1]).toBeNull()
})

test('heads are compared often while Redis refuses writes', async () => {
  const node = await open()
  await until(() => node.reconcileMs() === 60_000, 'all to be well')
  await asking(redis.url, (client) => client.config('SET', 'maxmemory', '1'))
  await until(() => node.reconcileMs() === 1000, 'it to be known')
  await asking(redis.url, (client) => client.config('SET', 'maxmemory', '0'))
  await until(() => node.reconcileMs() > 1000, 'all to be well')
})

test('a node starts without Redis, without delay', async () => {
  await redis.kill()
  const from = performance.now()
  const node = await open()
  expect(performance.now() - from).toBeLessThan(5000)
  expect([node.fanOut.whole, node.reconcileMs(), told.length]).toEqual([false, 1000, 1])
  expect(await node.limiter.take('request_address', 'here')).toMatchObject({ waitMs: 0, left: 9 })
  expect(node.budget.take(id(1))).toBe(0)
  expect(await node.roomPresence.enter(id(1), id(1))).toBe(true)
})

test('a node with another number of shards is refused while the other nodes run', async () => {
  await open()
  await open()
  await expect(open({}, 5)).rejects.toThrow('REDIS_SHARDS is 5 here, but 4 on the nodes that are running')
  await open()
  for (const node of nodes.splice(0)) await node.close()
  await open({}, 5)
  await expect(open()).rejects.toThrow('REDIS_SHARDS is 4 here, but 5')
})

test('a node’s last entries are delivered even if it stops at once', async () => {
  const heard: string[] = []
  const one = await open()
  const two = await open({
    events: (_, events) => void heard.push(...events.map(({ type }) => type)),
    signal: ({ type }) => void heard.push(type),
  })
  await two.fanOut.listen(id(1))
  one.signals.publish({ type: 'room_deleted', roomId: id(9) })
  one.fanOut.publishEvents(id(1), [said(id(1), 1)])
  await one.close()
  await until(() => heard.length >= 2, 'both')
  expect(heard.toSorted()).toEqual(['message', 'room_deleted'])
  expect(told).toEqual([])
})

function ignore(): undefined {
  return undefined
}
