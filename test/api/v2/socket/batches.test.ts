import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { type RedisServer, startRedis } from '../../../support/redis-server.ts'
import { anotherToken, makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, eventsIn, reached, send } from '../support/rooms.ts'
import { connect, V2Client } from '../support/v2-client.ts'

let app: TestApp
/** Another node over the same database and Redis. */
let node: TestApp
let redis: RedisServer
let owner: Person
let member: Person

beforeAll(async () => {
  redis = await startRedis()
  app = await startApp({ REDIS_URL: redis.url })
  node = await startApp({ REDIS_URL: redis.url, DATABASE_URL: app.databaseUrl })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
afterAll(async () => {
  for (const each of [app, node]) {
    expect(each.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await each.close()
  }
  await redis.remove()
})

const arrays = ({ texts }: V2Client) => texts.filter((text) => text.startsWith('['))
const sends = (room: RoomId, count: number, name = 'message') =>
  Array.from({ length: count }, (_, n) => ({
    type: 'send' as const,
    id: `${name} ${n}`,
    room,
    body: `${name} ${n}`,
  }))

test('hello says that the server can', async () => {
  const client = await connect(app, owner)
  expect(client.all('hello')).toMatchObject([{ batch: true, max_batch: 128 }])
  await client.close()
})

describe('a client that asks in the handshake', () => {
  test('gets the events of a batch in one frame, and the answers to its sends in another', async () => {
    const room = await makeRoom(app, owner, [member])
    const [sender, listener] = [await connect(app, owner, '?batch=1'), await connect(app, member, '?batch=1')]
    await Promise.all([enter(sender, room), enter(listener, room)])
    const before = listener.positionIn(room) ?? 0
    sender.batch(sends(room, 100))
    await Promise.all([reached(sender, room, before + 100), reached(listener, room, before + 100)])
    await sender.until(() => sender.unanswered === 0, 'answers')
    expect(arrays(listener).map((text) => JSON.parse(text).length)).toEqual([100])
    const types = arrays(sender).map((text) => JSON.parse(text).map(({ type }: { type: string }) => type))
    expect(types.sort()).toEqual([Array(100).fill('message'), Array(100).fill('result')])
    await Promise.all([sender.close(), listener.close()])
  })

  test('sees what a client sees that does not ask, event for event', async () => {
    const room = await makeRoom(app, owner, [member])
    const [batched, single] = [await connect(app, owner, '?batch=1'), await connect(app, member)]
    await Promise.all([enter(batched, room), enter(single, room)])
    const { seq } = await send(batched, room, 'first')
    await send(batched, room, 'second')
    batched.batch([
      ...sends(room, 30, 'one'),
      { type: 'edit', id: 'e', room, seq, body: 'again' },
      ...sends(room, 30, 'two'),
      { type: 'delete', id: 'd', room, seq: seq + 1 },
    ])
    await batched.until(() => batched.unanswered === 0, 'answers')
    await Promise.all([reached(batched, room, seq + 63), reached(single, room, seq + 63)])
    expect(eventsIn(batched, room)).toEqual(eventsIn(single, room))
    expect(arrays(single)).toEqual([])
    await Promise.all([batched.close(), single.close()])
  })

  test('on another node sees the same, in batches, and its removal in its place', async () => {
    const room = await makeRoom(app, owner, [member])
    const [sender, listener] = [
      await connect(app, owner, '?batch=1'),
      await connect(node, member, '?batch=1'),
    ]
    await Promise.all([enter(sender, room), enter(listener, room)])
    const before = listener.positionIn(room) ?? 0
    sender.batch(sends(room, 50, 'one'))
    await reached(listener, room, before + 50)
    const removal = app.chat.membership.remove({ id: room }, owner, member.id)
    sender.batch(sends(room, 50, 'two'))
    await removal
    await listener.heard('unsubscribed')
    await reached(sender, room, before + 101)
    const seen = eventsIn(listener, room)
    expect(seen).toEqual(eventsIn(sender, room).slice(0, seen.length))
    expect(seen.at(-1)).toMatchObject({ type: 'member', change: 'removed' })
    expect(arrays(listener).length).toBeGreaterThan(0)
    await Promise.all([sender.close(), listener.close()])
  })

  test('gets what it missed in batches', async () => {
    const room = await makeRoom(app, owner)
    const first = await say(app, room, owner, 'first')
    for (let n = 0; n < 20; n++) await say(app, room, owner, `missed ${n}`)
    const keeper = await connect(app, owner)
    await enter(keeper, room, first)
    for (let n = 0; n < 20; n++) await say(app, room, owner, `remembered ${n}`)
    const client = await connect(app, owner, '?batch=1')
    await enter(client, room, first + 20)
    expect(eventsIn(client, room)).toEqual(eventsIn(keeper, room).slice(-20))
    expect(arrays(client).map((text) => JSON.parse(text).length)).toEqual([20])
    await Promise.all([client.close(), keeper.close()])
  })

  test('is told of its removal in its place, within a batch', async () => {
    const room = await makeRoom(app, owner, [member])
    const [sender, removed] = [await connect(app, owner, '?batch=1'), await connect(app, member, '?batch=1')]
    await Promise.all([enter(sender, room), enter(removed, room)])
    const { seq } = await send(sender, room, 'before')
    sender.batch(sends(room, 60, 'one'))
    const removal = app.chat.membership.remove({ id: room }, owner, member.id)
    sender.batch(sends(room, 60, 'two'))
    await removal
    await removed.heard('unsubscribed')
    await reached(sender, room, seq + 121)
    const at = eventsIn(sender, room).find(({ type }) => type === 'member')?.seq ?? 0
    expect(eventsIn(removed, room).at(-1)).toMatchObject({ type: 'member', seq: at, change: 'removed' })
    expect(removed.all('unsubscribed')).toEqual([{ type: 'unsubscribed', room, reason: 'left' }])
    await Promise.all([sender.close(), removed.close()])
  })
})

test('a client may ask with `auth`, and change its mind for the rooms that follow', async () => {
  const [one, two] = [await makeRoom(app, owner), await makeRoom(app, owner)]
  const client = new V2Client(`${app.wsUrl}/api/v2/socket?identify=later`)
  await client.heard('hello')
  const token = await anotherToken(app, owner)
  expect(await client.ask({ type: 'auth', token, batch: true })).toMatchObject({ type: 'result' })
  await enter(client, one)
  expect(await client.ask({ type: 'auth', token: owner.token, batch: false })).toMatchObject({
    type: 'result',
  })
  await enter(client, two)
  const sender = await connect(app, owner, '?batch=1')
  for (const room of [one, two]) {
    const from = client.texts.length
    const before = client.positionIn(room) ?? 0
    sender.batch(sends(room, 3, `room ${room}`))
    await reached(client, room, before + 3)
    expect(client.texts.length - from).toBe(room === one ? 1 : 3)
  }
  // It leaves the topic that it is subscribed to, not the one that it would be subscribed to now.
  await client.ask({ type: 'unsubscribe', room: one })
  await sender.ask({ type: 'send', room: one, body: 'not heard' })
  await client.settled()
  await Promise.all([client.close(), sender.close()])
})

describe('a batch of requests', () => {
  test('is refused on a connection that has not asked for it', async () => {
    const client = await connect(app, owner)
    client.send([{ type: 'ping', id: 1 }])
    expect(await client.heard('error')).toMatchObject({ id: null, code: 'invalid' })
    await client.close()
  })

  test.each([[[]], [Array(129).fill({ type: 'ping' })]])('has 1 to 128 requests', async (batch) => {
    const client = await connect(app, owner, '?batch=1')
    client.send(batch)
    expect(await client.heard('error')).toMatchObject({
      id: null,
      code: 'invalid',
      message: 'A frame must have 1 to 128 requests',
    })
    await client.close()
  })

  test('is answered request by request, and what is wrong in one does not concern the others', async () => {
    const client = await connect(app, owner, '?batch=1')
    client.expectAnswer('a')
    client.expectAnswer('b')
    client.expectAnswer('c')
    client.send([
      { type: 'ping', id: 'a' },
      { type: 'nonsense', id: 'b' },
      7,
      [{ type: 'ping', id: 'nested' }],
      { type: 'ping', id: 'c' },
    ])
    await client.settled()
    const shown = client.frames.flatMap((frame) =>
      frame.type === 'result' || frame.type === 'error' ? [[frame.type, frame.id]] : [],
    )
    expect(shown.slice(0, 5)).toEqual([
      ['result', 'a'],
      ['error', 'b'],
      ['error', null],
      ['error', null],
      ['result', 'c'],
    ])
    await client.close()
  })

  test('counts as so many frames', async () => {
    const room = await makeRoom(app, owner)
    const client = await connect(app, owner, '?batch=1')
    const batch = JSON.stringify(Array(128).fill({ type: 'send', room, body: '.' }))
    for (let n = 0; n < 200; n++) client.send(batch)
    expect(await client.closed).toEqual({ code: 1008, reason: 'too many frames' })
  })

  test('of which all is refused costs no more refusals than the same one by one', async () => {
    const client = await connect(app, owner, '?batch=1')
    const fill = 'x'.repeat(430)
    for (let n = 0; n < 10; n++) {
      const batch = Array.from({ length: 120 }, (_, i) => ({ type: 'nope', id: `${n} ${i}`, fill }))
      for (const { id } of batch) client.expectAnswer(id)
      client.send(batch)
    }
    await client.until(() => client.unanswered === 0, 'all answers')
    await client.settled()
    await client.close()
  })

  test('is carried out no further once the connection is closed in it', async () => {
    const room = await makeRoom(app, owner)
    const client = await connect(app, owner, '?batch=1')
    const refused = Array(128).fill({ type: 'nonsense' })
    for (let n = 0; n < 20; n++) client.send([...refused.slice(1), sends(room, 1, `in ${n}`)[0]])
    expect(await client.closed).toEqual({ code: 1008, reason: 'too many refused frames' })
    const last = await say(app, room, owner, 'last')
    const created = 1
    expect(last).toBeLessThan(created + 20 + 1)
  })
})
