// What nodes tell each other stays in Redis for a bounded time, so that words that were deleted since do not.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { keyspace, streamKey } from '../../../src/cluster/redis/connection/keys.ts'
import { append, ENTRY_MS, locate } from '../../../src/cluster/redis/streams/shard-head.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

const SPACE = keyspace('test')
/** In place of `ENTRY_MS`. */
const AGE_MS = 400

let redis: RedisServer
let client: Redis

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
})
afterAll(async () => {
  client.disconnect()
  await redis.remove()
})

test.each([
  ['ten at a time', 10, 0],
  ['one now and then', 1, 30],
  ['so rarely that the stream is gone in between', 1, 150],
])('an entry expires in time, while others are written: %s', async (_, count, pauseMs) => {
  const shard = 1 + pauseMs
  const { epoch } = await locate(client, SPACE, shard)
  const written = new Map<number, number>()
  const ages: number[] = []
  let n = 0
  const end = performance.now() + 3 * AGE_MS
  while (performance.now() < end) {
    for (let i = 0; i < count; i++) {
      await append(client, SPACE, shard, epoch, { tag: `t:${n}`, payload: '"former words"' }, AGE_MS)
      // A moment after it was written by Redis's own clock: what is measured is a little less than its age.
      written.set(++n, await redisTime())
    }
    const now = await redisTime()
    const kept = await client.xrange(streamKey(SPACE, shard, epoch), '-', '+')
    ages.push(...kept.map(([id]) => now - (written.get(Number.parseInt(id, 10)) ?? 0)))
    await Bun.sleep(pauseMs)
  }
  expect(n).toBeGreaterThan(count * 5)
  expect(Math.max(...ages)).toBeLessThanOrEqual(AGE_MS)
})

test('the last entry expires in time even if nobody writes or reads any more', async () => {
  const { epoch } = await locate(client, SPACE, 7)
  const key = streamKey(SPACE, 7, epoch)
  await append(client, SPACE, 7, epoch, { tag: 't:1', payload: '"former words"' }, AGE_MS)
  expect(await client.pttl(key)).toBeLessThanOrEqual(AGE_MS)
  await until(async () => (await client.exists(key)) === 0, 'the stream to be gone')
  // The next one goes on from its number.
  await append(client, SPACE, 7, epoch, { tag: 't:2', payload: '"words"' })
  expect((await client.xrange(key, '-', '+')).map(([id]) => id)).toEqual(['2-0'])
  expect(await client.pttl(key)).toBeLessThanOrEqual(ENTRY_MS)
})

test('an entry is still there for a node that is a little late', async () => {
  const { epoch } = await locate(client, SPACE, 8)
  for (let n = 1; n <= 50; n++) await append(client, SPACE, 8, epoch, { tag: `t:${n}`, payload: '1' })
  expect(await client.xlen(streamKey(SPACE, 8, epoch))).toBe(50)
})

async function redisTime(): Promise<number> {
  const [seconds, micros] = await client.time()
  return Number(seconds) * 1000 + Number(micros) / 1000
}
