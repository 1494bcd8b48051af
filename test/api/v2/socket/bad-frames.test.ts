import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { encodeFrame, openRawWebSocket, TEXT } from '../../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { enter, send } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

const garbage = [
  'garbage',
  '{"type":"shout"}',
  '{"type":"ping","id":-1}',
  '{"type":"send","room":1}',
  '[]',
].map((text) => encodeFrame(TEXT, text))

let app: TestApp
let someone: Person
let room: RoomId
let client: V2Client

beforeAll(async () => {
  app = await startApp()
  someone = await person(app)
  room = await makeRoom(app, someone)
  client = await connect(app, someone)
  await enter(client, room)
})
afterAll(async () => {
  await client.close()
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

describe('a frame that is not a valid request is refused, and the socket stays open:', () => {
  const cases: [string, unknown, { id?: string | number; field: string | null; says: string }][] = [
    ['nothing', '', { field: null, says: 'JSON' }],
    ['no JSON', '{', { field: null, says: 'JSON' }],
    ['two values', '{"type":"ping"}{"type":"ping"}', { field: null, says: 'JSON' }],
    ['a number', '42', { field: 'type', says: 'object' }],
    ['null', 'null', { field: 'type', says: 'object' }],
    ['a text', '"ping"', { field: 'type', says: 'object' }],
    ['a list', '[{"type":"ping"}]', { field: 'type', says: 'object' }],
    ['an empty object', {}, { field: 'type', says: 'type' }],
    ['no type, but an id', { id: 5 }, { field: 'type', says: 'type' }],
    ['an unknown type', { type: 'shout', id: 'a' }, { id: 'a', field: 'type', says: 'type' }],
    ['a type of a frame of the server', { type: 'hello', id: 7 }, { id: 7, field: 'type', says: 'type' }],
    ['a type that is none', { type: ['ping'], id: 7 }, { id: 7, field: 'type', says: 'type' }],
    ['a type of every object', { type: '__proto__', id: 7 }, { id: 7, field: 'type', says: 'type' }],
    ['an inherited type', { type: 'constructor', id: 7 }, { id: 7, field: 'type', says: 'type' }],
    ['an empty id', { type: 'ping', id: '' }, { field: 'id', says: 'id' }],
    ['a long id', { type: 'ping', id: 'i'.repeat(65) }, { field: 'id', says: 'id' }],
    ['an id of 0', { type: 'ping', id: 0 }, { field: 'id', says: 'id' }],
    ['a fractional id', { type: 'ping', id: 1.5 }, { field: 'id', says: 'id' }],
    ['an id past all integers', '{"type":"ping","id":9007199254740993}', { field: 'id', says: 'id' }],
    ['an id that is an object', { type: 'ping', id: {} }, { field: 'id', says: 'id' }],
    ['no room', { type: 'subscribe', id: 1 }, { id: 1, field: 'room', says: 'room' }],
    ['room 0', { type: 'subscribe', id: 1, room: 0 }, { id: 1, field: 'room', says: 'room' }],
    ['a room as text', { type: 'subscribe', id: 1, room: '7' }, { id: 1, field: 'room', says: 'room' }],
    ['a huge room', '{"type":"unsubscribe","id":1,"room":1e300}', { id: 1, field: 'room', says: 'room' }],
    ['after -1', { type: 'subscribe', id: 1, room: 1, after: -1 }, { id: 1, field: 'after', says: 'after' }],
    [
      'after null',
      { type: 'subscribe', id: 1, room: 1, after: null },
      { id: 1, field: 'after', says: 'after' },
    ],
    [
      'limit 201',
      { type: 'subscribe', id: 1, room: 1, limit: 201 },
      { id: 1, field: 'limit', says: 'limit' },
    ],
    ['no body', { type: 'send', id: 1, room: 1 }, { id: 1, field: 'body', says: 'body' }],
    ['a body of 5', { type: 'send', id: 1, room: 1, body: 5 }, { id: 1, field: 'body', says: 'body' }],
    ['no seq', { type: 'read', id: 1, room: 1 }, { id: 1, field: 'seq', says: 'seq' }],
    ['no token', { type: 'auth', id: 1 }, { id: 1, field: 'token', says: 'token' }],
    [
      'a long token',
      { type: 'auth', id: 1, token: 'f'.repeat(257) },
      { id: 1, field: 'token', says: 'token' },
    ],
    [
      'typing maybe',
      { type: 'typing', id: 1, room: 1, typing: 1 },
      { id: 1, field: 'typing', says: 'typing' },
    ],
    ['bytes', new TextEncoder().encode('{"type":"ping"}'), { field: null, says: 'text' }],
  ]

  test.each(cases)('%s', async (_, frame, { id = null, field, says }) => {
    const own = await connect(app, someone)
    if (id !== null) own.expectAnswer(id)
    own.send(frame)
    const refusal = await own.heard('error')
    expect(refusal).toMatchObject({ code: 'invalid', retryable: false, retry_after_ms: 0, id, field })
    expect(refusal.message).toContain(says)
    await own.settled()
    expect(own.all('error')).toHaveLength(1)
    await own.close()
  })

  test('what is deep', async () => {
    const depth = 30_000
    client.send(`{"type":"ping","deep":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    client.send(`${'['.repeat(depth)}${']'.repeat(depth)}`)
    await client.settled()
  })

  test('unknown fields are ignored', async () => {
    const { seq } = await send(client, room, 'hello')
    client.askAs({
      type: 'send',
      id: 'more',
      room,
      body: 'with more',
      ...{ seq: 1, sender: 9, created_at: 'now' },
    })
    expect(await client.heard('result', ({ id }) => id === 'more')).toMatchObject({ data: { seq: seq + 1 } })
    const { message } = await client.heard('message', (frame) => frame.seq === seq + 1)
    expect(message.sender.id).toBe(someone.id)
  })
})

test('hundreds of garbage frames are each refused', async () => {
  const raw = await openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${someone.token}`)
  raw.write(Buffer.concat(Array.from({ length: 100 }, () => garbage).flat()))
  await until(() => raw.frames().length > 500, 'every frame to be refused')
  const texts = raw.frames().map(({ payload }) => payload.toString())
  const refusals = texts.filter((text) => text.startsWith('{"type":"error","id":null,"code":"invalid"'))
  expect(refusals).toHaveLength(500)
  raw.sendFrame(TEXT, '{"type":"ping","id":"alive"}')
  await until(() => raw.frames().at(-1)?.payload.toString().includes('alive'), 'the answer')
  raw.end()
})

test('ten thousand garbage frames close the socket with 1008, and nobody else notices', async () => {
  const raw = await openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${someone.token}`)
  for (let i = 0; i < 20; i++) raw.write(Buffer.concat(Array.from({ length: 100 }, () => garbage).flat()))
  expect(await raw.closeCode()).toBe(1008)
  await send(client, room, 'unmoved')
  raw.end()
})

test('a frame of the maximum size is accepted, and a larger one closes the socket with 1009', async () => {
  const large = await connect(app, someone)
  const { max_frame_bytes: most } = await large.heard('hello')
  const frame = (bytes: number) => `{"type":"ping","id":0,"more":"${'x'.repeat(bytes - 32)}"}`
  expect(frame(most)).toHaveLength(most)
  large.send(frame(most))
  expect(await large.heard('error')).toMatchObject({ id: null, field: 'id' })
  large.send(frame(most + 1))
  expect(await large.closed).toMatchObject({ code: 1009 })
  expect(large.problems).toEqual([])
  await client.settled()
})

test('a frame that is not UTF-8 closes the socket with 1007', async () => {
  const raw = await openRawWebSocket(`${app.wsUrl}/api/v2/socket?token=${someone.token}`)
  raw.write(encodeFrame(TEXT, new Uint8Array([0x7b, 0xff, 0x7d])))
  expect(await raw.closeCode()).toBe(1007)
  await raw.closed()
  await client.settled()
})
