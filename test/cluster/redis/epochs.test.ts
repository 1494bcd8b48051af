// Nodes that are in different epochs of the history, for a moment: what one commits is not delivered by the other.
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { decode, encodeEvents } from '../../../src/cluster/redis/streams/codec.ts'
import type { RoomId } from '../../../src/core/index.ts'
import { id } from '../../core/fakes/values.ts'
import { said } from '../../ports/fan-out.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { type BusNode, openBusNode } from './support/bus-node.ts'
import { hears } from './support/talk.ts'

const ROOM: RoomId = id(5)
const ELSEWHERE: RoomId = id(6)

let redis: RedisServer
let one: BusNode
let two: BusNode
/** Of the first node. */
let epoch = '1-first'

beforeEach(async () => {
  epoch = '1-first'
  redis = await startRedis()
  one = await openBusNode(redis.url, { epoch: () => epoch })
  two = await openBusNode(redis.url, { epoch: () => '1-first' })
  for (const node of [one, two]) await node.bus.listen(ROOM)
})
afterEach(async () => {
  expect([one.faults, two.faults]).toEqual([[], []])
  await Promise.all([one.close(), two.close()])
  await redis.remove()
})

/** The numbers that were heard, without those that `hears` says. */
function heardBy({ heard }: BusNode): number[] {
  return heard.map(({ seq }) => Number(seq)).filter((seq) => seq < 1_000_000)
}

test('events of another epoch are reported as lost, not delivered', async () => {
  await hears(one, two, ROOM)
  epoch = '2-second'
  one.bus.publishEvents(ROOM, [said(ROOM, 1)])
  await until(() => two.otherEpochs() > 0, 'the other epoch to be told')
  expect(heardBy(two)).toEqual([])
  expect(two.lost.length).toBeGreaterThan(0)
  expect(two.lost.every((concerns) => concerns(ROOM) && !concerns(ELSEWHERE))).toBe(true)
  // The other way round it is the same.
  two.bus.publishEvents(ROOM, [said(ROOM, 2)])
  await until(() => one.otherEpochs() > 0, 'the other epoch to be told')
  epoch = '1-first'
  await hears(one, two, ROOM)
})

test('waiting entries keep the epoch in which they were committed', async () => {
  await hears(one, two, ROOM)
  one.bus.publishEvents(ROOM, [said(ROOM, 1)])
  epoch = '2-second'
  one.bus.publishEvents(ROOM, [said(ROOM, 2)])
  await until(() => two.otherEpochs() > 0, 'the other epoch to be told')
  expect(heardBy(two)).toEqual([1])
})

test('entries of a version without epochs are delivered', () => {
  const [item = ''] = encodeEvents(ROOM, [said(ROOM, 1)], '1-first', 1000)
  const decoded = (items: string) =>
    decode(items, () => true).flatMap((each) => (each.kind === 'events' ? [each] : []))
  expect(decoded(item)).toMatchObject([{ room: ROOM, epoch: '1-first' }])
  expect(decoded(item.replace('"h":"1-first",', ''))).toMatchObject([
    { room: ROOM, epoch: undefined, events: [{ seq: 1 }] },
  ])
})
