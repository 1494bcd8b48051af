// A node that dies, in the times that a real one takes.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { LEASE_TIMES } from '../../../src/cluster/redis/presence/presence.ts'
import { id } from '../../core/fakes/values.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { heldBy, openPresence, type PresenceNode } from './support/presence-node.ts'

const [ANN, BOB, EVE] = [id(1), id(2), id(3)]
const [HALL, YARD] = [id(7), id(8)]

let redis: RedisServer
let client: Redis
const nodes: PresenceNode[] = []

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
})
afterAll(async () => {
  for (const node of nodes) await node.close()
  client.disconnect()
  await redis.remove()
})

test('when a node dies, another node reports the users who were only there offline within the bound', async () => {
  const [dying, one, two] = [await open(), await open(), await open()]
  for (const user of [ANN, BOB, EVE]) await dying.users.arrive(user)
  await one.users.arrive(BOB)
  for (const user of [ANN, BOB, EVE]) await dying.rooms.enter(HALL, user)
  await dying.rooms.enter(YARD, ANN)
  await two.rooms.enter(HALL, EVE)
  expect(await two.rooms.count(HALL)).toBe(3)

  for (const node of [dying, one]) node.connections.tell('user', String(ANN), 6)
  await until(() => one.connections.elsewhere('user', String(ANN)) === 6, 'both to be counted')

  const from = performance.now()
  dying.vanish()
  const told = () => [...one.offline, ...two.offline].length + [...one.departed, ...two.departed].length
  await until(() => told() >= 5, 'all to be told', LEASE_TIMES.leaseMs + 5000)
  expect(performance.now() - from).toBeGreaterThan(LEASE_TIMES.leaseMs - LEASE_TIMES.renewMs - 100)
  expect([...one.offline, ...two.offline].toSorted()).toEqual([ANN, EVE])
  expect([...one.departed, ...two.departed].toSorted()).toEqual([
    [HALL, ANN],
    [HALL, BOB],
    [YARD, ANN],
  ])
  expect(one.told.died + two.told.died).toBe(1)
  expect(await one.users.online([ANN, BOB, EVE])).toEqual(new Set([BOB]))
  expect([await one.rooms.count(HALL), await one.rooms.count(YARD)]).toEqual([1, 0])
  await until(() => one.connections.elsewhere('user', String(ANN)) === 0, 'its connections to be forgotten')
  expect(await heldBy(client)).toHaveLength(2)
})

async function open(): Promise<PresenceNode> {
  const node = await openPresence(redis.url, LEASE_TIMES)
  nodes.push(node)
  return node
}
