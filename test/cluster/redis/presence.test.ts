// Who is online and where, when nodes die, and Redis goes and comes.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import type { LeaseTimes } from '../../../src/cluster/redis/presence/node-lease.ts'
import { ChatError, type UserId } from '../../../src/core/index.ts'
import { id } from '../../core/fakes/values.ts'
import { createRandom } from '../../e2e/random.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { heldBy, openPresence, type PresenceNode } from './support/presence-node.ts'

const [ANN, BOB, EVE, JOE] = [id(1), id(2), id(3), id(18)]
const HALL = id(7)
const SHORT: LeaseTimes = { leaseMs: 1000, renewMs: 200 }
/** By itself such a node renews nothing while a test runs. */
const IDLE: LeaseTimes = { leaseMs: 2000, renewMs: 1_000_000 }

let redis: RedisServer
let client: Redis
const nodes: PresenceNode[] = []

beforeEach(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  client.on('error', () => undefined)
})
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close()
  client.disconnect()
  await redis.remove()
})

async function open(times = SHORT): Promise<PresenceNode> {
  const node = await openPresence(redis.url, times)
  nodes.push(node)
  return node
}

describe('a node that dies', () => {
  test('of many users has all of them reported', async () => {
    const [dying, one] = [await open(), await open()]
    const users = Array.from({ length: 3000 }, (_, i) => id(i + 1))
    // Not all at once: a command fails that waits for its answer for a second.
    for (let from = 0; from < users.length; from += 300)
      await Promise.all(users.slice(from, from + 300).map((user) => dying.users.arrive(user)))
    await Promise.all(users.slice(0, 500).map((user) => dying.rooms.enter(HALL, user)))
    dying.vanish()
    await until(() => one.offline.length >= 3000 && one.departed.length >= 500, 'all to be told')
    expect(one.offline.toSorted((a, b) => a - b)).toEqual(users)
    expect(await heldBy(client)).toEqual([])
  })

  test('is cleaned up by a third node if the one doing so dies', async () => {
    const dying = await open()
    await dying.users.arrive(ANN)
    const [name = ''] = await client.zrangebyscore('test:1:{nodes}:lives', '-inf', '+inf')
    dying.vanish()
    // Claimed a moment ago, by nobody who lives.
    const [seconds = 0] = (await client.time()).map(Number)
    await client
      .multi()
      .zrem('test:1:{nodes}:lives', name)
      .zadd('test:1:{nodes}:dead', seconds * 1000 + 1500, name)
      .exec()
    const one = await open()
    await until(() => one.offline.length > 0, 'the burial')
    expect(one.offline).toEqual([ANN])
  })

  test('in order reports its users itself, and leaves nothing', async () => {
    const [going, one] = [await open(), await open()]
    await going.users.arrive(ANN)
    await one.users.arrive(BOB)
    await going.rooms.enter(HALL, ANN)
    await going.close()
    expect(going.offline).toEqual([ANN])
    expect(await one.users.online([ANN, BOB])).toEqual(new Set([BOB]))
    expect(await one.rooms.count(HALL)).toBe(0)
    expect(await heldBy(client)).toHaveLength(1)
    expect([one.told.died, going.failures]).toEqual([0, []])
  })
})

describe('after a flush', () => {
  test('online users are registered again, and nobody is reported offline', async () => {
    const [one, two] = [await open(), await open()]
    for (const user of [ANN, BOB]) await one.users.arrive(user)
    await two.users.arrive(EVE)
    await one.rooms.enter(HALL, ANN)
    await two.rooms.enter(HALL, EVE)
    await client.flushall()
    await until(
      async () =>
        (await two.users.online([ANN, BOB, EVE, JOE])).size === 3 && (await one.rooms.count(HALL)) === 2,
      'all to be known again',
    )
    expect(await one.users.depart(ANN)).toBe(true)
    expect(await one.rooms.leave(HALL, ANN)).toBe(true)
    expect(await two.users.arrive(BOB)).toBe(false)
    for (const node of [one, two]) expect([node.offline, node.departed, node.told.died]).toEqual([[], [], 0])
  })

  test('at once if requested', async () => {
    const one = await open(IDLE)
    await one.users.arrive(ANN)
    await client.flushall()
    await one.check()
    expect(await one.users.online([ANN])).toEqual(new Set([ANN]))
    expect(await heldBy(client)).toHaveLength(1)
  })
})

describe('while Redis is unavailable', () => {
  test('a node answers with its own users, and registers them again when Redis is back', async () => {
    const [one, two] = [await open(), await open()]
    for (const user of [ANN, BOB]) await one.users.arrive(user)
    for (const user of [ANN, BOB]) await one.rooms.enter(HALL, user)
    await two.users.arrive(EVE)
    await redis.kill()
    await until(() => !one.healthy && !two.healthy, 'both to notice')

    expect(await one.users.online([ANN, EVE])).toEqual(new Set([ANN]))
    expect(await one.rooms.count(HALL)).toBe(2)
    expect([await one.rooms.enter(HALL, JOE), await one.rooms.leave(HALL, ANN)]).toEqual([true, true])
    for (const ask of [() => one.users.arrive(JOE), () => one.users.depart(BOB)]) {
      const error = await ask().then(String, (refused: unknown) => refused)
      expect(error).toBeInstanceOf(ChatError)
      expect(error).toMatchObject({ kind: 'unavailable', retryable: true })
    }

    await redis.start()
    await until(() => one.healthy && two.healthy, 'both to be well')
    await until(async () => (await two.users.online([ANN, BOB, EVE, JOE])).size === 3, 'all to be told')
    expect(await two.users.online([ANN, BOB, EVE, JOE])).toEqual(new Set([ANN, EVE, JOE]))
    expect(await two.rooms.count(HALL)).toBe(2)
    expect([await two.rooms.enter(HALL, BOB), await two.rooms.enter(HALL, ANN)]).toEqual([false, true])
  })

  test('users who went offline meanwhile are reported once Redis answers, and nothing is left under an old name', async () => {
    const [one, two] = [await open(), await open()]
    for (const user of [ANN, BOB]) await one.users.arrive(user)
    await one.rooms.enter(HALL, ANN)
    await redis.pause()
    const went = one.users.depart(ANN).then(String, () => 'refused')
    const left = one.rooms.leave(HALL, ANN)
    expect([await went, await left]).toEqual(['refused', true])
    await redis.resume()
    await until(async () => (await two.users.online([ANN, BOB])).size === 1, 'it to be known')
    await until(async () => (await heldBy(client)).length <= 2 && (await lives()).length === 2, 'no old name')
    expect(await two.rooms.count(HALL)).toBe(0)
    expect(await two.users.online([ANN, BOB])).toEqual(new Set([BOB]))
  })

  test('a node that starts then is registered once Redis is back', async () => {
    await redis.kill()
    const one = await open()
    expect(await one.rooms.enter(HALL, ANN)).toBe(true)
    expect(await one.rooms.count(HALL)).toBe(1)
    await redis.start()
    await until(() => one.healthy, 'it to be well')
    const two = await open()
    expect(await two.rooms.count(HALL)).toBe(1)
  })
})

test('a node that was only cut off learns that it was declared dead, and registers again', async () => {
  const cut = await open(IDLE)
  await cut.users.arrive(ANN)
  await cut.rooms.enter(HALL, ANN)
  const one = await open()
  await until(() => one.offline.length > 0 && one.departed.length > 0, 'the burial')
  expect([one.offline, one.told.died, cut.told.buried]).toEqual([[ANN], 1, 0])
  await cut.check()
  expect(cut.told.buried).toBe(1)
  expect(await one.users.online([ANN])).toEqual(new Set([ANN]))
  expect(await one.rooms.count(HALL)).toBe(1)
  await cut.check()
  expect([cut.told.buried, cut.failures]).toEqual([1, []])
})

test('after simultaneous arrivals and departures all nodes agree who is online', async () => {
  const [one, two] = [await open(), await open()]
  const random = createRandom(7)
  const there = { one: new Map<string, number>(), two: new Map<string, number>() }
  const busy: Promise<unknown>[] = []
  for (let i = 0; i < 3000; i++) {
    const [node, counts] = random.below(2) === 0 ? [one, there.one] : [two, there.two]
    const [room, user] = [id(1 + random.below(40)), id(1 + random.below(3))]
    const key = `${room} ${user}`
    const count = counts.get(key) ?? 0
    if (random.below(2) === 0) {
      counts.set(key, count + 1)
      busy.push(node.rooms.enter(room, user))
    } else {
      counts.set(key, Math.max(0, count - 1))
      busy.push(node.rooms.leave(room, user))
    }
    if (i % 100 === 0) await Bun.sleep(0)
    if (i % 500 === 0) await client.script('FLUSH')
    if (i === 1000) {
      await client.flushall()
      for (const node of [one, two]) await node.check()
    }
  }
  await Promise.all(busy)
  for (let room = 1; room <= 40; room++) {
    const users = new Set<UserId>()
    for (const user of [1, 2, 3]) {
      const connections = (there.one.get(`${room} ${user}`) ?? 0) + (there.two.get(`${room} ${user}`) ?? 0)
      if (connections > 0) users.add(id(user))
    }
    for (const node of [one, two]) expect(await node.rooms.count(id(room))).toBe(users.size)
    expect(new Set(Object.keys(await client.hgetall(`test:1:{r${room}}:here`)))).toEqual(
      new Set([...users].map(String)),
    )
  }
})

function lives(): Promise<string[]> {
  return client.zrangebyscore('test:1:{nodes}:lives', '-inf', '+inf')
}
