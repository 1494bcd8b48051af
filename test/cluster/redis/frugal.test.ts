// What the nodes cost Redis: connections, commands, memory.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { openRedis } from '../../../src/cluster/redis/connection/clients.ts'
import { keyspace, streamKey } from '../../../src/cluster/redis/connection/keys.ts'
import { append, locate } from '../../../src/cluster/redis/streams/shard-head.ts'
import { ENTRY_TEXT, ShardWriter, WAITING_TEXT } from '../../../src/cluster/redis/streams/shard-writer.ts'
import { id } from '../../core/fakes/values.ts'
import { said } from '../../ports/fan-out.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { asking, connectionsOf } from './support/asking.ts'
import { type BusNode, openBusNode } from './support/bus-node.ts'
import { hears } from './support/talk.ts'

const SHARDS = 4

let redis: RedisServer
let one: BusNode
let two: BusNode

beforeAll(async () => {
  redis = await startRedis()
})
beforeEach(async () => {
  one = await openBusNode(redis.url, { shards: SHARDS })
  two = await openBusNode(redis.url, { shards: SHARDS })
})
afterEach(async () => {
  await Promise.all([one.close(), two.close()])
})
afterAll(() => redis.remove())

test('a node has two connections, of which one blocks, however many rooms it listens to', async () => {
  for (let room = 1; room <= 40; room++) await one.bus.listen(id(room))
  const connections = await connectionsOf(redis.url)
  expect(connections).toHaveLength(4)
  await until(
    async () => (await connectionsOf(redis.url)).filter(({ cmd }) => cmd === 'xread').length === 2,
    'one reader a node',
  )
})

test('only shards with listeners are read, and nothing is read twice', async () => {
  const reads = await watchReads()
  await until(() => reads.length >= 2, 'both to read')
  expect(new Set(reads.flat())).toEqual(new Set([-1]))

  await one.bus.listen(id(2))
  await one.bus.listen(id(2 + SHARDS))
  reads.splice(0)
  await until(() => reads.length >= 2, 'both to read again')
  expect(new Set(reads.map(String))).toEqual(new Set(['-1', '-1,2']))

  one.bus.forget(id(2))
  reads.splice(0)
  await hears(two, one, id(2 + SHARDS))
  await until(() => reads.map(String).includes('-1,2'), 'the shard to be read still')

  one.bus.forget(id(2 + SHARDS))
  await until(() => String(reads.at(-1)) === '-1' && String(reads.at(-2)) === '-1', 'the shard to be left')
})

test('events of one turn are one entry, or several of bounded size', async () => {
  await two.bus.listen(id(3))
  for (let i = 1; i <= 500; i++) one.bus.publishEvents(id(3), [said(id(3), i)])
  await until(() => two.heard.length === 500, 'what was said')
  const entries = async () =>
    await asking(redis.url, async (client) => {
      const { epoch } = await locate(client, keyspace('test'), 3)
      return client.xrange(streamKey(keyspace('test'), 3, epoch), '-', '+')
    })
  const few = (await entries()).length
  expect(few).toBeLessThanOrEqual(3)

  one.bus.publishEvents(
    id(3),
    Array.from({ length: 500 }, (_, i) => said(id(3), 501 + i, 'x'.repeat(1000))),
  )
  await until(() => two.heard.length === 1000, 'what was said')
  const sizes = (await entries()).map(([, fields]) => fields.join('').length)
  expect(Math.max(...sizes)).toBeLessThan(2 * ENTRY_TEXT)
  expect(sizes.length).toBeGreaterThan(few + 4)
})

test('a stream keeps about a thousand entries', async () => {
  const length = await asking(redis.url, async (client) => {
    const { epoch } = await locate(client, keyspace('test'), 1)
    const entries = Array.from({ length: 1500 }, (_, i) => ({ tag: `x:${i}`, payload: 'x' }))
    await Promise.all(entries.map((entry) => append(client, keyspace('test'), 1, epoch, entry)))
    return client.xlen(streamKey(keyspace('test'), 1, epoch))
  })
  expect(length).toBeGreaterThanOrEqual(1000)
  expect(length).toBeLessThan(1300)
})

test('entries that wait for Redis are bounded, and dropped past the bound', async () => {
  const silent = await startRedis()
  const clients = openRedis(silent.url, () => undefined)
  await clients.ready(5000)
  await silent.pause()
  const failures: unknown[] = []
  const writer = new ShardWriter(clients.commands, 'test', 0, 'one:', (error) => failures.push(error))
  let most = 0
  for (let i = 0; i < 200; i++) {
    for (let k = 0; k < 100; k++) writer.add('x'.repeat(2000))
    most = Math.max(most, writer.waiting)
    await Bun.sleep(0)
  }
  expect(most).toBeGreaterThan(WAITING_TEXT / 2)
  expect(most).toBeLessThanOrEqual(WAITING_TEXT)
  // Once it is known to be away, what waited is let go of.
  await until(() => failures.length > 0 && writer.waiting === 0, 'the failure')
  writer.close()
  clients.close()
  await silent.remove()
})

test('a node whose Redis user may not unblock its reads still receives everything, a moment later', async () => {
  await asking(redis.url, (client) =>
    client.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~test:*', '+@all', '-client|unblock'),
  )
  const plain = await openBusNode(redis.url.replace('//', '//plain:secret@'), { shards: SHARDS })
  await plain.bus.listen(id(6))
  one.bus.publishEvents(id(6), [said(id(6), 1)])
  await until(() => plain.heard.length === 1, 'what was said')
  expect([plain.lost, plain.failures]).toEqual([[], []])
  await plain.close()
})

/** The shards that each read asks for, from now on. */
async function watchReads(): Promise<number[][]> {
  const reads: number[][] = []
  const client = new Redis(redis.url)
  const monitor = await client.monitor()
  monitor.on('monitor', (_: string, args: string[]) => {
    if (args[0]?.toLowerCase() !== 'xread') return
    const shards = args.flatMap((arg) => /\{s(-?\d+)\}/.exec(arg)?.[1] ?? [])
    reads.push(shards.map(Number).toSorted((a, b) => a - b))
  })
  watching.push(client, monitor)
  return reads
}

const watching: Redis[] = []
afterAll(() => {
  for (const client of watching) client.disconnect()
})
