// How long a node waits for Redis: never longer than a command may take, and not again once it is known to be away.
import { afterEach, expect, test } from 'bun:test'
import {
  BLOCK_MS,
  COMMAND_MS,
  openRedis,
  type RedisClients,
} from '../../../src/cluster/redis/connection/clients.ts'
import { type RedisClusterServers, startRedisCluster } from '../../support/redis-cluster.ts'
import { startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

/** What a machine that does much else at once may add. */
const SLACK_MS = 800

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function open(url: string): Promise<RedisClients> {
  const clients = openRedis(url, () => undefined)
  closing.push(() => clients.close())
  expect(await clients.ready(5000)).toBe(true)
  return clients
}

test.each(['kill', 'pause'] as const)(
  'after a %s commands fail in time, then at once, and work again after',
  async (go) => {
    const redis = await startRedis()
    closing.push(() => redis.remove())
    const { commands } = await open(redis.url)
    await redis[go]()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => timed(commands.get('key'))))
    for (const { ms, ok } of outcomes) {
      expect(ok).toBe(false)
      expect(ms).toBeLessThan(COMMAND_MS + SLACK_MS)
    }
    await until(async () => (await timed(commands.get('key'))).ms < 20, 'it to be known')
    for (let i = 0; i < 50; i++) expect((await timed(commands.get('key'))).ms).toBeLessThan(SLACK_MS)
    await (go === 'kill' ? redis.start() : redis.resume())
    await until(async () => (await timed(commands.get('key'))).ok, 'it to be back', 3000)
  },
)

test('in a Redis Cluster a master that hangs delays only its own keys', async () => {
  const redis = await startRedisCluster()
  closing.push(() => redis.remove())
  const { commands } = await open(redis.url)
  const [mine, other] = await keysOfTwo(redis)
  const master = await redis.masterOf(mine)
  await master.pause()
  expect((await timed(commands.get(mine))).ms).toBeLessThan(COMMAND_MS + SLACK_MS)
  for (let i = 0; i < 20; i++) {
    expect((await timed(commands.get(mine))).ms).toBeLessThan(COMMAND_MS + SLACK_MS)
    expect(await commands.get(other)).toBeNull()
  }
  await master.resume()
  await until(async () => (await timed(commands.get(mine))).ok, 'it to be back')
})

test('a blocked reader is woken, or wakes by itself; without blocked readers nothing is woken', async () => {
  const redis = await startRedis()
  closing.push(() => redis.remove())
  const clients = await open(redis.url)
  const reader = clients.reader()
  expect(await reader.ready(5000)).toBe(true)
  const read = () => reader.client.xread('BLOCK', BLOCK_MS, 'STREAMS', 'stream', '0')
  expect(await timed(read())).toMatchObject({ ok: true })
  expect(await reader.interrupt()).toBe(false)
  const from = performance.now()
  const blocked = read()
  await until(() => reader.interrupt(), 'it to be woken')
  expect(await blocked).toBeNull()
  expect(performance.now() - from).toBeLessThan(BLOCK_MS)
  reader.close()
})

async function timed(answer: Promise<unknown>): Promise<{ ms: number; ok: boolean }> {
  const from = performance.now()
  const ok = await answer.then(
    () => true,
    () => false,
  )
  return { ms: performance.now() - from, ok }
}

/** Two keys that different masters have. */
async function keysOfTwo(redis: RedisClusterServers): Promise<[string, string]> {
  const first = await redis.masterOf('0')
  for (let i = 1; i < 100; i++) if ((await redis.masterOf(String(i))) !== first) return ['0', String(i)]
  throw new Error('one master has all keys')
}
