// Two nodes over one database and one Redis: threads, and what they are to a user, are the same by every way.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Message, OwnThread, Sent, type Thread, ThreadPage } from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { bodyOf, call, get } from '../api/v2/rest/support/client.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { enter, eventsIn, reached } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let one: TestApp
let other: TestApp
let owner: Person
let member: Person
let room: RoomId

beforeAll(async () => {
  redis = await startRedis()
  one = await startApp({ REDIS_URL: redis.url })
  other = await startApp({ DATABASE_URL: one.databaseUrl, REDIS_URL: redis.url })
  owner = await person(one, 'owner')
  member = await person(one, 'member')
  room = await makeRoom(one, owner, [member])
})
afterAll(async () => {
  for (const node of [other, one]) {
    expect(node.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await node.close()
  }
  await redis.remove()
})

test('replies tell their thread on both nodes, live and to whoever comes back, deletions included', async () => {
  const root = await say(one, room, owner, 'root')
  const [here, there] = await Promise.all([connect(one, owner), connect(other, member)])
  for (const client of [here, there]) await enter(client, room)
  const reply = (client: typeof here, to: number) =>
    client.result({ type: 'send', room, body: 'answer', reply_to: to }, Sent)
  const first = await reply(here, root)
  const second = await reply(there, first.seq)
  const third = await reply(here, root)
  await call(other, member, 'DELETE', `/rooms/${room}/messages/${second.seq}`)
  const { message } = await get(one, owner, `/rooms/${room}/messages/${root}/thread`, ThreadPage)
  const last = message.thread?.changed_seq ?? 0
  expect(message.thread).toMatchObject({ root, replies: 2, participants: 1, last_seq: third.seq })
  for (const client of [here, there]) {
    await reached(client, room, last)
    const told = eventsIn(client, room).flatMap((event) => (hasMessage(event) ? (event.thread ?? []) : []))
    expect(
      told.map(({ replies, participants, changed_seq }) => [replies, participants, changed_seq]),
    ).toEqual([
      [1, 1, first.seq],
      [2, 2, second.seq],
      [3, 2, third.seq],
      [2, 1, last],
    ])
    expect(told.at(-1)).toEqual(message.thread)
  }
  // From memory, from the database, and with part of it known: the latest state always comes.
  for (const after of [root, first.seq, second.seq, third.seq]) {
    for (const node of [one, other]) {
      const late = await connect(node, member)
      await enter(late, room, after)
      await reached(late, room, last)
      const states = eventsIn(late, room).flatMap((event): Thread[] =>
        hasMessage(event) && event.thread !== undefined ? [event.thread] : [],
      )
      expect(states.toSorted((a, b) => a.changed_seq - b.changed_seq).at(-1)).toEqual(
        message.thread as Thread,
      )
      await late.close()
    }
  }
  await Promise.all([here.close(), there.close()])
})

test('what a user follows and has read comes to their devices on every node, and to nobody else', async () => {
  const root = await say(one, room, owner, 'another root')
  const body = { body: 'answer', reply_to: root }
  const { seq } = bodyOf(await call(one, member, 'POST', `/rooms/${room}/messages`, body), 201, Message)
  const [device, elsewhere, stranger] = await Promise.all([
    connect(one, owner),
    connect(other, owner),
    connect(other, member),
  ])
  const read = await device.result({ type: 'thread_read', room, seq, read_seq: seq }, OwnThread)
  expect(read).toEqual({ room, root, following: true, read_seq: seq, unread: 0, version: 2 })
  await device.result({ type: 'thread_follow', room, seq: root, follow: false }, OwnThread)
  const threadsOf = (client: typeof device) =>
    client.frames.flatMap((frame) => (frame.type === 'thread' ? [[frame.following, frame.version]] : []))
  for (const client of [device, elsewhere]) {
    await until(() => threadsOf(client).length === 2, 'both changes')
    expect(threadsOf(client)).toEqual([
      [true, 2],
      [false, 3],
    ])
  }
  expect(threadsOf(stranger)).toEqual([])
  await Promise.all([device, elsewhere, stranger].map((client) => client.close()))
})
