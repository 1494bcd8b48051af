// Two nodes over one database and one Redis: what a message carries besides its text comes with it by every way.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  ChangesPage,
  Message,
  MessagePage,
  Revised,
  Room,
  RoomPage,
  Sent,
  Snapshot,
  User,
  UserPage,
} from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { bodyOf, call, get } from '../api/v2/rest/support/client.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { enter, eventsIn, reached } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

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

/** Hard to carry: names that are numbers or mean something to JavaScript, and texts that mean something to JSON and SQL. */
const METADATA = JSON.parse(
  '{"zebra":"{\\"a\\":[1,NULL]}","apple":[null,true,-0.5,1e-21,9007199254740991,{}],"__proto__":{"admin":true},"constructor":"😀","":" "}',
)

test('metadata of a message is live on both nodes, on pages, in changes and snapshots; edits replace it or leave it', async () => {
  const [sender, reader] = await Promise.all([connect(one, owner), connect(other, member)])
  await enter(sender, room)
  const { answer } = await enter(reader, room)
  const begin = answer.head
  const { seq } = await sender.result({ type: 'send', room, body: 'words', metadata: METADATA }, Sent)
  await say(one, room, owner, 'between')
  const edit = { type: 'edit', room, seq } as const
  await sender.result({ ...edit, body: 'other words' }, Revised)
  await sender.result({ ...edit, body: 'other words', metadata: { step: 2 } }, Revised)
  const { version } = await sender.result({ ...edit, body: 'last words', metadata: null }, Revised)
  for (const client of [sender, reader]) {
    await reached(client, room, version)
    const shown = eventsIn(client, room).filter(hasMessage)
    const step = { step: 2 }
    expect(shown.map(({ message }) => message.metadata)).toEqual([
      METADATA,
      undefined,
      METADATA,
      step,
      undefined,
    ])
    expect(JSON.stringify(shown[0]?.message.metadata)).toBe(JSON.stringify(METADATA))
  }

  const path = `/rooms/${room}/messages`
  const posted = await call(other, member, 'POST', path, { body: 'posted', metadata: METADATA })
  const sent = bodyOf(posted, 201, Message)
  const readings = [
    sent,
    await get(one, owner, `${path}/${sent.seq}`, Message),
    (await get(one, owner, path, MessagePage)).items.at(-1),
    (await get(one, owner, `/rooms/${room}/snapshot`, Snapshot)).messages.at(-1),
    (await get(one, owner, `/rooms/${room}/changes?after=${begin}`, ChangesPage)).items
      .filter(hasMessage)
      .find(({ message }) => message.seq === sent.seq)?.message,
  ]
  for (const message of readings) {
    expect(message?.seq).toBe(sent.seq)
    expect(JSON.stringify(message?.metadata)).toBe(JSON.stringify(METADATA))
  }
  const late = await connect(other, owner)
  await enter(late, room, begin)
  await reached(late, room, sent.seq)
  const last = eventsIn(late, room).filter(hasMessage).at(-1)
  expect(JSON.stringify(last?.message.metadata)).toBe(JSON.stringify(METADATA))
  expect({}).not.toHaveProperty('admin')

  const removed = bodyOf(await call(one, member, 'DELETE', `${path}/${sent.seq}`), 200, Message)
  expect(removed.metadata).toBeUndefined()
  await Promise.all([sender, reader, late].map((client) => client.close()))
})

test('metadata that no message may carry is refused, and names its field', async () => {
  const deep = (levels: number): unknown => (levels === 0 ? 0 : { a: deep(levels - 1) })
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
  const client = await connect(one, owner)
  const accepted: unknown[] = [{}, deep(8), keys(64), { long: 'x'.repeat(4085) }]
  for (const metadata of accepted) {
    const answer = await call(one, owner, 'POST', `/rooms/${room}/messages`, { body: 'words', metadata })
    expect(bodyOf(answer, 201, Message).metadata).toEqual(Object(metadata))
  }
  const refused: unknown[] = [
    ...[deep(9), keys(65), { long: 'x'.repeat(4086) }, { long: '😀'.repeat(1025) }],
    ...[{ a: '\0' }, { '\0': 1 }, { half: '\ud800' }, [], 'text', 7, null],
  ]
  for (const metadata of refused) {
    const answer = await call(one, owner, 'POST', `/rooms/${room}/messages`, { body: 'words', metadata })
    expect([answer.status, answer.json]).toMatchObject([400, { field: 'metadata' }])
    client.send({ type: 'send', id: 1, room, body: 'words', metadata })
    client.expectAnswer(1)
    const from = client.frames.length
    const { field } = await client.heard('error', () => true, from)
    expect(field).toBe('metadata')
  }
  await client.close()
})

test('metadata of a room is live on both nodes with its description, and in changes, lists and snapshots', async () => {
  const [writer, reader] = await Promise.all([connect(one, owner), connect(other, member)])
  await enter(writer, room)
  const { answer } = await enter(reader, room)
  const patch = async (body: object) =>
    bodyOf(await call(one, owner, 'PATCH', `/rooms/${room}`, body), 200, Room)
  const changed = await patch({ metadata: METADATA })
  await patch({ description: 'Something else' })
  for (const client of [writer, reader]) {
    await reached(client, room, changed.head + 1)
    const events = eventsIn(client, room).filter((event) => event.type === 'room')
    expect(events.map(({ metadata }) => JSON.stringify(metadata))).toEqual(
      Array(2).fill(JSON.stringify(METADATA)),
    )
  }
  const late = await get(other, member, `/rooms/${room}/changes?after=${answer.head}`, ChangesPage)
  expect(late.items).toMatchObject([{ type: 'room', description: 'Something else', metadata: METADATA }])
  const rooms = [
    await get(other, member, `/rooms/${room}`, Room),
    (await get(other, member, `/rooms/${room}/snapshot`, Snapshot)).room,
    (await get(other, member, '/rooms', RoomPage)).items.find(({ id }) => id === room),
  ]
  for (const shown of rooms) expect(JSON.stringify(shown?.metadata)).toBe(JSON.stringify(METADATA))
  const removed = await patch({ metadata: null })
  expect(removed).not.toHaveProperty('metadata')
  await reached(reader, room, removed.head)
  expect(eventsIn(reader, room).at(-1)).not.toHaveProperty('metadata')
  for (const wrong of [[], 'text', { a: '\0' }, { long: 'x'.repeat(4090) }])
    expect((await call(one, owner, 'PATCH', `/rooms/${room}`, { metadata: wrong })).json).toMatchObject({
      field: 'metadata',
    })
  expect((await call(one, member, 'PATCH', `/rooms/${room}`, { metadata: {} })).status).toBe(403)
  await Promise.all([writer, reader].map((client) => client.close()))
})

test('metadata of a user is shown with the profile: to the user, in lists, and in direct chats', async () => {
  const direct = await makeDirect(one, owner, member)
  const patch = async (body: object) => bodyOf(await call(one, owner, 'PATCH', '/me', body), 200, User)
  await patch({ metadata: METADATA })
  await patch({ first_name: 'Ann' })
  const users = [
    await get(other, owner, '/me', User),
    await get(other, member, `/users/${owner.id}`, User),
    (await get(other, member, `/users?search=${owner.username}`, UserPage)).items[0],
    (await get(other, member, `/rooms/${direct}`, Room)).other,
    (await get(other, member, `/rooms/${direct}/snapshot`, Snapshot)).room.other,
  ]
  for (const shown of users) {
    expect(shown?.first_name).toBe('Ann')
    expect(JSON.stringify(shown?.metadata)).toBe(JSON.stringify(METADATA))
  }
  expect(await patch({ metadata: null })).not.toHaveProperty('metadata')
  for (const wrong of [[], 'text', { a: '\ud800' }, { long: 'x'.repeat(4090) }])
    expect((await call(one, owner, 'PATCH', '/me', { metadata: wrong })).json).toMatchObject({
      field: 'metadata',
    })
})
