// Faults at random, one after the other, while two nodes talk: whatever is said comes, or its loss is told.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { id } from '../../core/fakes/values.ts'
import { chooseSeed, createRandom } from '../../e2e/random.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { killReaders } from './support/asking.ts'
import { type BusNode, openBusNode } from './support/bus-node.ts'
import { hears, Talk } from './support/talk.ts'

const [OF_ONE, OF_TWO] = [
  [1, 2, 3, 5, 6],
  [11, 13, 14],
].map((rooms) => rooms.map((room) => id(room)))
const FAULTS = 16

let redis: RedisServer
let client: Redis
let one: BusNode
let two: BusNode

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url, { maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  one = await openBusNode(redis.url)
  two = await openBusNode(redis.url)
})
afterAll(async () => {
  await Promise.all([one.close(), two.close()])
  client.disconnect()
  await redis.remove()
})

const faults: readonly [string, () => Promise<unknown>][] = [
  ['flush', () => client.flushall()],
  ['forget the scripts', () => client.script('FLUSH')],
  ['cut the readers', () => killReaders(redis.url)],
  ['cut everybody', () => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')],
  ['delete the streams', async () => remove(await client.keys('test:1:{s*}:????????????????'))],
  ['delete the heads', async () => remove(await client.keys('test:1:{s*}:head'))],
  ['trim the streams', async () => trim(await client.keys('test:1:{s*}:????????????????'))],
  ['hang', () => redis.pause().then(() => redis.resume())],
  ['crash', () => redis.kill().then(() => redis.start())],
  ['nothing', async () => undefined],
]

test('nothing is missed silently', async () => {
  const talks = [
    { talk: new Talk(two), from: one, rooms: OF_ONE ?? [] },
    { talk: new Talk(one), from: two, rooms: OF_TWO ?? [] },
  ]
  const seed = chooseSeed()
  const random = createRandom(seed)
  const done: string[] = []
  for (const { rooms } of talks) {
    for (const room of rooms) for (const node of [one, two]) await node.bus.listen(room)
  }
  let turns = 0
  let over = false
  const talking = until(
    () => {
      turns++
      for (const { talk, from, rooms } of talks) for (const room of rooms) talk.say(from, room)
      return over
    },
    'the end of the talk',
    120_000,
  )
  for (let i = 0; i < FAULTS; i++) {
    const [name, run] = faults[random.below(faults.length)] ?? ['nothing', async () => undefined]
    done.push(name)
    await run()
    // Sometimes the next one comes at once, sometimes all has settled.
    const next = turns + random.below(100)
    await until(() => turns >= next, 'some more to be said')
  }
  over = true
  await talking
  await until(() => one.bus.whole && two.bus.whole, 'both to be whole')
  const wrong = () => talks.flatMap(({ talk }) => [...talk.missing, ...talk.disorder])
  await until(() => wrong().length === 0, `nothing missing: ${seed}, ${done}`)
  await hears(one, two, id(1))
  expect([one.faults, two.faults]).toEqual([[], []])
})

async function remove(keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await client.del(...keys)
}

async function trim(keys: readonly string[]): Promise<void> {
  for (const key of keys) await client.xtrim(key, 'MAXLEN', 0)
}
