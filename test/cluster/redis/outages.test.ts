// Redis is away for a while, in each of the ways that it can be.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../src/core/index.ts'
import { id } from '../../core/fakes/values.ts'
import { said } from '../../ports/fan-out.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { type BusNode, openBusNode, openBusNodeNow } from './support/bus-node.ts'
import { hears, Talk } from './support/talk.ts'

const ROOM: RoomId = id(5)
const ELSEWHERE: RoomId = id(6)
const NOTICED_MS = 2000
const BACK_MS = 3000

let redis: RedisServer
let one: BusNode
let two: BusNode

beforeEach(async () => {
  redis = await startRedis()
  one = await openBusNode(redis.url)
  two = await openBusNode(redis.url)
  for (const node of [one, two]) await node.bus.listen(ROOM)
})
afterEach(async () => {
  await Promise.all([one.close(), two.close()])
  await redis.remove()
})

const outages = [
  ['is killed, and comes back empty', () => redis.kill(), () => redis.start()],
  ['is stopped, and comes back empty', () => redis.stop(), () => redis.start()],
  ['hangs for a while', () => redis.pause(), () => redis.resume()],
] as const

describe.each(outages)('Redis %s:', (_, away, back) => {
  test('it is noticed, no loss is silent, and everything soon works again', async () => {
    const talk = new Talk(two)
    for (let i = 0; i < 50; i++) talk.say(one, ROOM)
    await until(() => two.heard.length === 50, 'what was said before')

    await away()
    const gone = performance.now()
    await until(() => !one.bus.whole && !two.bus.whole, 'the outage to be noticed', NOTICED_MS)
    await until(() => {
      talk.say(one, ROOM)
      one.bus.publish({ type: 'room_deleted', roomId: id(9) })
      return performance.now() - gone > 2500
    }, 'a time of outage')
    expect([one.bus.whole, two.bus.whole]).toEqual([false, false])
    expect(one.failures.length).toBeGreaterThan(0)

    await back()
    await until(() => one.bus.whole && two.bus.whole, 'both to be whole', BACK_MS)
    await until(() => talk.missing.length === 0, 'what was said meanwhile to come, or to be told as lost')
    await until(() => two.lostSignals() > 0, 'the loss of signals to be told')
    expect(two.lost.every((concerns) => concerns(ROOM) && !concerns(ELSEWHERE))).toBe(true)
    expect(one.signalled.length).toBeGreaterThan(50)
    await hears(one, two, ROOM)
    await hears(two, one, ROOM)
    expect([one.faults, two.faults]).toEqual([[], []])
  })

  test('rooms followed meanwhile are delivered afterwards, and their loss is reported', async () => {
    await away()
    await until(() => !two.bus.whole, 'the outage to be noticed')
    const asked = performance.now()
    await two.bus.listen(ELSEWHERE)
    expect(performance.now() - asked).toBeLessThan(500)
    expect(two.bus.whole).toBe(false)
    one.bus.publishEvents(ELSEWHERE, [said(ELSEWHERE, 1)])
    await back()
    await until(() => two.lost.some((concerns) => concerns(ELSEWHERE)), 'the loss to be told')
    await hears(one, two, ELSEWHERE)
  })
})

test('if Redis comes back with its data, even a single event sent meanwhile is reported as lost', async () => {
  const durable = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
  const [from, to] = [await openBusNode(durable.url), await openBusNode(durable.url)]
  await to.bus.listen(ROOM)
  await hears(from, to, ROOM)
  await durable.kill()
  from.bus.publishEvents(ROOM, [said(ROOM, 1)])
  await until(() => !from.bus.whole && !to.bus.whole, 'the outage to be noticed')
  await durable.start()
  await until(() => to.lost.some((concerns) => concerns(ROOM)), 'the loss to be told')
  expect([to.lost.length, to.lostSignals()]).toEqual([1, 0])
  await hears(from, to, ROOM)
  await Promise.all([from.close(), to.close()])
  await durable.remove()
})

test('a node that starts while Redis is unavailable hears the others once it is back', async () => {
  await redis.kill()
  const late = openBusNodeNow(redis.url)
  await late.bus.listen(ROOM)
  expect(late.bus.whole).toBe(false)
  await redis.start()
  await until(() => late.bus.whole, 'it to be whole')
  await until(() => late.lost.some((concerns) => concerns(ROOM)), 'the loss to be told')
  await hears(one, late, ROOM)
  await late.close()
})

test('publishing neither waits nor throws, for any amount', async () => {
  await redis.pause()
  const text = 'x'.repeat(4000)
  const from = performance.now()
  for (let i = 0; i < 5000; i++) one.bus.publishEvents(ROOM, [said(ROOM, i + 1, text)])
  // 20 MB: a second would be a hundred times as long as it takes.
  expect(performance.now() - from).toBeLessThan(1000)
  await redis.resume()
  await until(() => two.lost.length > 0, 'the loss to be told')
})

test('a node that stops while Redis is unavailable does not wait for it', async () => {
  const other = await openBusNode(redis.url)
  await redis.pause()
  other.bus.publishEvents(ROOM, [said(ROOM, 1)])
  const from = performance.now()
  await other.close()
  expect(performance.now() - from).toBeLessThan(2000)
  await redis.resume()
})

test('a node that stops still writes its last entries', async () => {
  const other = await openBusNode(redis.url)
  for (let i = 0; i < 200; i++) other.bus.publishEvents(ROOM, [said(ROOM, i + 1, 'x'.repeat(2000))])
  await other.close()
  await until(() => two.heard.length === 200, 'what was said last')
})
