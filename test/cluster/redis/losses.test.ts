// What Redis had is gone or is another, and nobody is told: the readers notice it by themselves.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { headKey, keyspace, shardOf, streamKey } from '../../../src/cluster/redis/connection/keys.ts'
import { append, locate } from '../../../src/cluster/redis/streams/shard-head.ts'
import type { RoomId } from '../../../src/core/index.ts'
import { id } from '../../core/fakes/values.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { killReaders } from './support/asking.ts'
import { type BusNode, openBusNode } from './support/bus-node.ts'
import { hears, Talk } from './support/talk.ts'

const ROOM: RoomId = id(5)
const ELSEWHERE: RoomId = id(6)
const SPACE = keyspace('test')
const SHARD = shardOf(ROOM, 4)
const HEAD = headKey(SPACE, SHARD)

let redis: RedisServer
let client: Redis
let one: BusNode
let two: BusNode
let talk: Talk

beforeEach(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  one = await openBusNode(redis.url)
  two = await openBusNode(redis.url)
  for (const node of [one, two]) await node.bus.listen(ROOM)
  talk = new Talk(two)
  for (let i = 0; i < 20; i++) talk.say(one, ROOM)
  await until(() => two.heard.length === 20, 'what was said before')
})
afterEach(async () => {
  expect([one.faults, two.faults]).toEqual([[], []])
  await Promise.all([one.close(), two.close()])
  client.disconnect()
  await redis.remove()
})

describe('a loss is reported', () => {
  test('after a flush, for every shard that is read, and delivery resumes', async () => {
    await client.flushall()
    for (let i = 0; i < 20; i++) talk.say(one, ROOM)
    await until(() => two.lost.length > 0 && two.lostSignals() > 0, 'the losses to be told')
    await until(() => talk.missing.length === 0, 'what was said to come, or to be told as lost')
    expect(two.lost.every((concerns) => concerns(ROOM) && !concerns(ELSEWHERE))).toBe(true)
    await hears(one, two, ROOM)
    await hears(two, one, ROOM)
    expect([one.failures, two.failures]).toEqual([[], []])
  })

  test('after a flush without later messages', async () => {
    await client.flushall()
    await until(() => two.lost.length > 0 && two.lostSignals() > 0, 'the losses to be told')
    expect(two.bus.whole).toBe(true)
  })

  test('if entries were trimmed before they were read', async () => {
    const { epoch } = await locate(client, SPACE, SHARD)
    await appendAndTrim(epoch, 300, 10)
    await until(() => two.lost.length > 0, 'the loss to be told')
    await hears(one, two, ROOM)
    expect(two.lost).toHaveLength(1)
  })

  test('if a stream was trimmed to nothing, and no entries follow', async () => {
    const { epoch } = await locate(client, SPACE, SHARD)
    await appendAndTrim(epoch, 3, 0)
    await until(() => two.lost.length > 0, 'the loss to be told')
    await hears(one, two, ROOM)
    expect(two.lost).toHaveLength(1)
  })

  test('if a stream was deleted with entries in it', async () => {
    const { epoch } = await locate(client, SPACE, SHARD)
    await client
      .multi()
      .hincrby(HEAD, 'n', 1)
      .hset(HEAD, 't', 'x:1')
      .del(streamKey(SPACE, SHARD, epoch))
      .exec()
    await until(() => two.lost.length > 0, 'the loss to be told')
    await hears(one, two, ROOM)
  })

  test('if only the head was deleted, as in an eviction', async () => {
    await client.del(HEAD)
    talk.say(one, ROOM)
    await until(() => two.lost.length > 0, 'the loss to be told')
    await until(() => talk.missing.length === 0, 'what was said to come, or to be told as lost')
    await hears(one, two, ROOM)
  })

  test('if a failover sets the numbers back', async () => {
    const backup = await copy()
    for (let i = 0; i < 5; i++) await sayAndWait()
    await restore(backup)
    await until(() => two.lost.length > 0, 'the loss to be told')
    await hears(one, two, ROOM)
  })

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'if a failover does, and %d new numbers follow before anyone checks',
    async (others) => {
      const { epoch } = await locate(client, SPACE, SHARD)
      const backup = await copy()
      for (let i = 0; i < 5; i++) await sayAndWait()
      const before = two.lost.length
      // At once, as seen by the readers.
      const transaction = client.multi()
      restoreIn(transaction, backup)
      for (let i = 0; i < others; i++) appendIn(transaction, epoch, `other:${i}`)
      await transaction.exec()
      talk.say(one, ROOM)
      await until(() => two.lost.length > before, 'the loss to be told')
      await hears(one, two, ROOM)
    },
  )

  test('by the node that notices a dead node: to every node, for all rooms', async () => {
    one.bus.loseAll()
    expect([one.lost.length, one.lostSignals()]).toEqual([1, 1])
    await until(() => two.lost.length > 0 && two.lostSignals() > 0, 'the loss to be told')
    expect([two.lost.length, two.lostSignals()]).toEqual([1, 1])
  })
})

describe('nothing is lost', () => {
  test('if the connection of a reader is cut repeatedly', async () => {
    for (let round = 0; round < 8; round++) {
      for (let i = 0; i < 10; i++) talk.say(one, ROOM)
      await until(async () => (await killReaders(redis.url)) > 0, 'a reader to be cut')
      for (let i = 0; i < 10; i++) talk.say(one, ROOM)
    }
    await until(() => two.heard.length === talk.count, 'all that was said')
    await until(() => two.bus.whole, 'the bus to be whole')
    expect([talk.missing, talk.disorder, two.lost]).toEqual([[], [], []])
  })

  test('if the scripts are flushed', async () => {
    for (let round = 0; round < 10; round++) {
      await client.script('FLUSH')
      for (let i = 0; i < 5; i++) await sayAndWait()
    }
    expect([talk.missing, talk.disorder, two.lost, two.failures]).toEqual([[], [], [], []])
  })

  test('if entries are trimmed after they were read', async () => {
    const { epoch } = await locate(client, SPACE, SHARD)
    for (let round = 0; round < 5; round++) {
      await client.xtrim(streamKey(SPACE, SHARD, epoch), 'MAXLEN', 0)
      for (let i = 0; i < 5; i++) await sayAndWait()
    }
    expect([talk.missing, talk.disorder, two.lost]).toEqual([[], [], []])
  })

  test('if an idle stream has expired', async () => {
    const { epoch } = await locate(client, SPACE, SHARD)
    expect(await client.pttl(streamKey(SPACE, SHARD, epoch))).toBeGreaterThan(1000)
    await client.del(streamKey(SPACE, SHARD, epoch))
    for (let i = 0; i < 5; i++) await sayAndWait()
    expect([talk.missing, talk.disorder, two.lost]).toEqual([[], [], []])
  })
})

test('a listener that throws does not affect the others', async () => {
  const odd = await openBusNode(redis.url, {
    onEvents: () => {
      throw new Error('odd')
    },
  })
  await odd.bus.listen(ROOM)
  for (let i = 0; i < 10; i++) await sayAndWait()
  await until(() => odd.heard.length === 10, 'all ten')
  expect(odd.faults.map(String)).toEqual(Array.from({ length: 10 }, () => 'Error: odd'))
  await odd.close()
})

test('an unreadable entry is reported as a fault, and later entries are delivered', async () => {
  const { epoch } = await locate(client, SPACE, SHARD)
  await append(client, SPACE, SHARD, epoch, { tag: 'other:1', payload: '{"r":5,"e":[' })
  await until(() => two.faults.length > 0, 'the fault to be told')
  await hears(one, two, ROOM)
  for (const node of [one, two]) node.faults.splice(0)
})

async function sayAndWait(): Promise<void> {
  const before = two.heard.length
  talk.say(one, ROOM)
  await until(() => two.heard.length > before, 'it to be heard')
}

/** As many entries as that appear at once, and all but the last few of them are gone at once. */
async function appendAndTrim(epoch: string, count: number, kept: number): Promise<void> {
  const transaction = client.multi()
  for (let i = 0; i < count; i++) appendIn(transaction, epoch, `other:${i}`)
  await transaction.xtrim(streamKey(SPACE, SHARD, epoch), 'MAXLEN', kept).exec()
}

/** What the server's own script does, as one step of several. */
function appendIn(transaction: Transaction, epoch: string, tag: string): void {
  const payload = JSON.stringify({ r: ROOM, e: [] })
  transaction.eval(
    `local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
     redis.call('XADD', KEYS[2], n .. '-0', 't', ARGV[1], 'b', redis.call('HGET', KEYS[1], 't'), 'p', ARGV[2])
     redis.call('HSET', KEYS[1], 't', ARGV[1])`,
    2,
    HEAD,
    streamKey(SPACE, SHARD, epoch),
    tag,
    payload,
  )
}

async function copy(): Promise<Copy> {
  const { epoch } = await locate(client, SPACE, SHARD)
  const keys = [HEAD, streamKey(SPACE, SHARD, epoch)]
  return Promise.all(
    keys.map(async (key) => [key, (await client.dumpBuffer(key)) ?? Buffer.alloc(0)] as const),
  )
}

async function restore(backup: Copy): Promise<void> {
  const transaction = client.multi()
  restoreIn(transaction, backup)
  await transaction.exec()
}

function restoreIn(transaction: Transaction, backup: Copy): void {
  for (const [key, value] of backup) transaction.restore(key, 0, value, 'REPLACE')
}

type Transaction = ReturnType<Redis['multi']>
type Copy = readonly (readonly [string, Buffer])[]
