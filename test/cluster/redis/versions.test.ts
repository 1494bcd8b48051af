// Nodes of two versions on one Redis, during an upgrade: what one cannot read of what the other writes, it knows to be there.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { shardOf } from '../../../src/cluster/redis/connection/keys.ts'
import { decode, encodeEvents, type Item } from '../../../src/cluster/redis/streams/codec.ts'
import { carriesMessage, type RoomEvent, type RoomId } from '../../../src/core/index.ts'
import { id, isMemberEvent } from '../../core/fakes/values.ts'
import { everyKind, pin, replies, said, withDetails } from '../../ports/fan-out.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { type BusNode, openBusNode } from './support/bus-node.ts'
import { formerDecode } from './support/former-codec.ts'
import { hears } from './support/talk.ts'

const ROOM: RoomId = id(5)
const ELSEWHERE: RoomId = id(9)
const EPOCH = '1-0123abcd'

describe('the version before', () => {
  test.each(everyKind())('reads what this one writes: $type', (event) => {
    const [item = '', ...more] = encodeEvents(event.roomId, [event], EPOCH, 65_536)
    expect(more).toEqual([])
    expect(formerDecode(item)).toEqual([{ room: event.roomId, epoch: EPOCH, events: [inFormerShape(event)] }])
  })

  test('cannot read a message with details, and knows its number', () => {
    const event = withDetails()
    const [item = ''] = encodeEvents(event.roomId, [event], EPOCH, 65_536)
    const [form] = JSON.parse(item).e
    // It accepts messages of 14 parts alone, and finds the number of any other event in the second place.
    expect([form.length, form[1]]).toEqual([15, 7])
    expect(decode(item, () => true)).toEqual([
      { kind: 'events', room: event.roomId, events: [event], unread: null, epoch: EPOCH },
    ])
  })

  test.each(replies())('cannot read a reply, and knows its number: $type', (event) => {
    const [item = ''] = encodeEvents(event.roomId, [event], EPOCH, 65_536)
    const [form] = JSON.parse(item).e
    expect([form.length, form[1]]).toEqual([18, event.seq])
    expect(decode(item, () => true)).toMatchObject([{ events: [event], unread: null }])
  })

  test('does not know a pin, and knows its number', () => {
    const [item = ''] = encodeEvents(ROOM, [pin()], EPOCH, 65_536)
    const [form] = JSON.parse(item).e
    expect([form.type, form.seq]).toEqual(['pin', 9])
    expect(decode(item, () => true)).toMatchObject([{ events: [pin()], unread: null }])
    const [broken] = decode(item.replace('"on":true', '"on":1'), () => true)
    expect(broken).toMatchObject({ events: [], unread: 9 })
  })

  test('wrote replies without their threads, which this one reads from the database', () => {
    const form = [
      'message',
      7,
      7,
      70,
      9,
      'ann',
      'key',
      'text',
      'words',
      3,
      1_700_000_000_123,
      null,
      null,
      null,
    ]
    const told = { kind: 'events', room: ROOM, events: [], unread: id(7), epoch: EPOCH }
    for (const item of [form, [...form, '{"metadata":"{}"}']]) {
      expect(decode(JSON.stringify({ r: 5, h: EPOCH, e: [item] }), () => true)).toEqual([told] as Item[])
    }
  })

  test('wrote entries that this one reads', () => {
    const items = [
      '{"r":5,"h":"1-0123abcd","e":[["message",7,7,70,9,"ann","key","text","words",null,1700000000123,null,null,null]]}',
      '{"r":5,"h":"1-0123abcd","e":[["deleted",8,7,70,9,"ann","key","text","",null,1700000000123,8,0,1700000000456]]}',
      '{"r":5,"h":"1-0123abcd","e":[{"type":"member","roomId":5,"seq":9,"change":"removed","user":{"id":2,"username":"bob"},"actor":{"id":9,"username":"ann"},"role":null,"at":1700000000123}]}',
    ]
    const actor = { id: id(9), username: 'ann' }
    const at = new Date(1_700_000_000_123)
    const message = {
      ...{
        id: id(70),
        roomId: ROOM,
        seq: id(7),
        sender: actor,
        clientId: 'key',
        kind: 'text',
        ...{ replyTo: null, root: null, thread: null, inRoom: true, details: null },
      },
      ...{ createdAt: at, body: 'words', versionSeq: null, editedAt: null, deletedAt: null },
    }
    const deleted = {
      ...{ ...message, body: '', versionSeq: id(8) },
      ...{ editedAt: new Date(0), deletedAt: new Date(1_700_000_000_456) },
    }
    const bob = { id: id(2), username: 'bob' }
    const events: RoomEvent[] = [
      { type: 'message', roomId: ROOM, seq: id(7), message },
      { type: 'deleted', roomId: ROOM, seq: id(8), message: deleted },
      { type: 'removed', roomId: ROOM, seq: id(9), user: bob, actor, role: null, at },
    ]
    expect(decode(items.join(), () => true)).toEqual(
      events.map(
        (event): Item => ({ kind: 'events', room: ROOM, events: [event], unread: null, epoch: EPOCH }),
      ),
    )
  })
})

test('a description of the version before, which says nothing of metadata, is read from the database', () => {
  const item =
    '{"r":5,"h":"1-0123abcd","e":[{"type":"room","roomId":5,"seq":10,"actor":{"id":9,"username":"ann"},"description":"words","avatar":"","at":1700000000123}]}'
  expect(decode(item, () => true)).toEqual([
    { kind: 'events', room: ROOM, events: [], unread: id(10), epoch: EPOCH },
  ])
})

describe('a newer version', () => {
  let redis: RedisServer
  let one: BusNode
  let two: BusNode
  beforeEach(async () => {
    redis = await startRedis()
    one = await openBusNode(redis.url)
    two = await openBusNode(redis.url)
    for (const room of [ROOM, ELSEWHERE]) await two.bus.listen(room)
    await hears(one, two, ROOM)
  })
  afterEach(async () => {
    await Promise.all([one.close(), two.close()])
    await redis.remove()
  })

  /** What the first node writes comes to the second one as if it were this. */
  function heardAs(item: string): Promise<void> {
    return one.write(shardOf(ROOM, 4), item)
  }

  const known = JSON.parse(encodeEvents(ROOM, [said(ROOM, 41)], EPOCH, 65_536)[0] ?? '').e[0]
  const itemOf = (...events: unknown[]) => JSON.stringify({ v: 1, r: ROOM, n: 43, h: EPOCH, e: events })

  test.each([
    ['an event of a type that this one lacks', itemOf({ type: 'pinned', seq: 42, what: 'ever' }), 42, []],
    ['one of a short form', itemOf(['pinned', 42, 'what', 'ever']), 42, []],
    [
      'a change of a membership that this one lacks',
      itemOf({ type: 'member', change: 'muted', seq: 42 }),
      42,
      [],
    ],
    ['a message of another form', itemOf(['message', 42, 42, 'and other parts']), 42, []],
    ['such a one after another that is known', itemOf(known, ['pinned', 42]), 42, [41]],
    ['such ones around it', itemOf(['pinned', 40], known, ['pinned', 43]), 43, [41]],
    ['items of another form', JSON.stringify({ v: 2, r: ROOM, n: 43, other: 'form' }), 43, []],
  ])('writes %s: the numbers are recognised', async (_, item, unread, heard) => {
    const losses = two.lost.length
    await heardAs(item)
    await until(() => two.unread.length > 0, 'the number to be told')
    expect(two.unread).toEqual([[ROOM, id(unread)]])
    // Without those that `hears` says.
    const numbers = two.heard.map(({ seq }) => Number(seq)).filter((seq) => seq < 1_000_000)
    expect(numbers).toEqual(heard)
    expect([two.lost.length - losses, two.faults.length]).toEqual([0, 0])
    await hears(one, two, ROOM)
  })

  test.each([
    ['items that name no number', JSON.stringify({ v: 2, r: ROOM }), 0],
    ['items that name no room', JSON.stringify({ v: 2, rooms: [] }), 0],
    ['events that name no number', itemOf({ type: 'pinned' }), 0],
    ['what is no JSON', '\u0001\u0002', 1],
  ])('writes %s: all rooms of the shard are compared with the database', async (_, item, faults) => {
    const losses = two.lost.length
    await heardAs(item)
    await until(() => two.lost.length > losses, 'the loss to be told')
    expect(
      two.lost.slice(losses).every((concerns) => concerns(ROOM) && concerns(ELSEWHERE) && !concerns(id(6))),
    ).toBe(true)
    expect([two.unread.length, two.faults.length]).toEqual([0, faults])
    await hears(one, two, ROOM)
  })

  test('writes of rooms that nobody here follows: nothing is reported', async () => {
    await heardAs(JSON.stringify({ v: 2, r: 13, n: 43 }))
    await hears(one, two, ROOM)
    expect([two.unread, two.faults]).toEqual([[], []])
  })
})

/** Changes of members, and descriptions, were one type each, and messages had neither details nor threads. */
function inFormerShape(event: RoomEvent): object {
  if (carriesMessage(event)) {
    const { details: _, root: _root, thread: _thread, inRoom: _inRoom, ...message } = event.message
    return { ...event, message }
  }
  if (event.type === 'described') return { ...event, type: 'room' }
  return isMemberEvent(event) ? { ...event, type: 'member', change: event.type } : event
}
