import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Done, Marked, Revised, Sent } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, send } from '../support/rooms.ts'
import { connect, type Unnumbered, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person
let client: V2Client
/** The member's, who is in `room` and in none of the others. */
let room: RoomId
let hidden: RoomId
let open: RoomId
let elsewhere: RoomId

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '100', RATE_USER_REQUESTS_BURST: '100000' })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member])
  elsewhere = await makeRoom(app, owner, [member])
  hidden = await makeRoom(app, owner)
  open = await makeRoom(app, owner, [], 'public')
  for (const each of [room, hidden, open]) await say(app, each, owner, 'what the owner says')
  client = await connect(app, member)
  await enter(client, room)
})
afterAll(async () => {
  await client.close()
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('send: the response gives the message’s number, and everyone receives it with that number', async () => {
  const target = await send(client, room, 'what is answered')
  const request = {
    type: 'send',
    room,
    body: 'Grüße 👩‍👩‍👧 "\\',
    kind: 'remark',
    client_id: 'key',
    reply_to: target.seq,
  } as const
  const sent = await client.result(request, Sent)
  const { message, seq, created_at } = sent
  expect(sent).toEqual({ room, seq, message, client_id: 'key', created_at })
  expect(await client.heard(['message', 'edited', 'deleted'], (frame) => frame.seq === seq)).toEqual({
    type: 'message',
    room,
    seq,
    thread: expect.objectContaining({ root: target.seq, replies: 1, last_seq: seq, changed_seq: seq }),
    message: {
      id: message,
      room,
      seq,
      version: null,
      sender: { id: member.id, username: member.username },
      client_id: 'key',
      kind: 'remark',
      body: request.body,
      reply_to: target.seq,
      root: target.seq,
      created_at,
      edited_at: null,
      deleted_at: null,
    },
  })
})

test('send: by default the kind is text, the server makes the key, and the message is not a reply', async () => {
  const [one, other] = [await send(client, room, 'same'), await send(client, room, 'same')]
  expect(other.client_id).not.toBe(one.client_id)
  const { message } = await client.heard(['message', 'edited', 'deleted'], ({ seq }) => seq === one.seq)
  expect(message).toMatchObject({ kind: 'text', reply_to: null, client_id: one.client_id })
})

test('edit and delete: the response gives the number of the change, and everyone receives it with that number', async () => {
  const { seq } = await send(client, room, 'first words')
  const edited = await client.result({ type: 'edit', room, seq, body: 'second words' }, Revised)
  expect(edited).toEqual({ room, seq, version: expect.any(Number) })
  const event = await client.heard(['message', 'edited', 'deleted'], (frame) => frame.seq === edited.version)
  expect(event).toMatchObject({
    type: 'edited',
    message: { seq, version: edited.version, body: 'second words' },
  })

  const deleted = await client.result({ type: 'delete', room, seq }, Revised)
  const tombstone = await client.heard(
    ['message', 'edited', 'deleted'],
    (frame) => frame.seq === deleted.version,
  )
  expect(tombstone).toMatchObject({ type: 'deleted', message: { seq, version: deleted.version, body: '' } })
  expect(deleted.version).toBe(edited.version + 1)
})

test('delete: owners and admins may delete messages of others', async () => {
  const { seq } = await send(client, room, 'rude words')
  const staff = await connect(app, owner)
  await staff.result({ type: 'delete', room, seq }, Revised)
  await client.heard(
    ['message', 'edited', 'deleted'],
    (frame) => frame.type === 'deleted' && frame.message.seq === seq,
  )
  await staff.close()
})

test('read and delivered: the response gives the marks, which only move forward and not past the end', async () => {
  const seq = await say(app, room, owner, 'to be read')
  const mark = (type: 'read' | 'delivered', at: number) => client.result({ type, room, seq: at }, Marked)
  const before = await mark('delivered', 0)
  expect(before).toMatchObject({ room, head: seq })
  expect(before.unread).toBeGreaterThan(0)
  expect(await mark('delivered', seq)).toEqual({ ...before, delivered_seq: seq })
  expect(await mark('read', seq)).toEqual({ room, read_seq: seq, delivered_seq: seq, unread: 0, head: seq })
  expect(await mark('read', 1)).toMatchObject({ read_seq: seq })
  const next = await say(app, room, owner, 'one more')
  const far = Number.MAX_SAFE_INTEGER
  expect(await mark('delivered', far)).toEqual({
    room,
    read_seq: seq,
    delivered_seq: next,
    unread: 1,
    head: next,
  })
  expect(await mark('read', next)).toEqual({
    room,
    read_seq: next,
    delivered_seq: next,
    unread: 0,
    head: next,
  })
})

test('ping, typing, unsubscribe: an empty result', async () => {
  const other = await connect(app, member)
  await enter(other, room)
  const requests: Unnumbered[] = [
    { type: 'ping' },
    { type: 'typing', room, typing: true },
    { type: 'typing', room, typing: false },
    { type: 'typing', room, typing: false },
    { type: 'unsubscribe', room },
    { type: 'unsubscribe', room },
    { type: 'unsubscribe', room: hidden },
    { type: 'unsubscribe', room: 4_000_000 },
  ]
  for (const request of requests) expect(await other.result(request, Done)).toEqual({})
  await other.close()
})

describe('a request is refused', () => {
  const gone = 4_000_000
  const far = Number.MAX_SAFE_INTEGER
  const long = '👩'.repeat(101)
  const cases: [string, string, () => Unnumbered, Record<string, unknown>?][] = [
    ['send of nothing', 'invalid', () => ({ type: 'send', room, body: ' \n' }), { field: 'body' }],
    ['send of too much', 'invalid', () => ({ type: 'send', room, body: long }), { field: 'body' }],
    ['send of NUL', 'invalid', () => ({ type: 'send', room, body: 'a\0' }), { field: 'body' }],
    ['send of half a pair', 'invalid', () => ({ type: 'send', room, body: '\ud800' }), { field: 'body' }],
    ["send as the server's", 'invalid', () => ({ ...hello(), kind: 'system' }), { field: 'kind' }],
    ['send of no kind', 'invalid', () => ({ ...hello(), kind: 'Ä' }), { field: 'kind' }],
    ['send by an empty key', 'invalid', () => ({ ...hello(), client_id: '' }), { field: 'client_id' }],
    [
      'send by a long key',
      'invalid',
      () => ({ ...hello(), client_id: 'k'.repeat(129) }),
      { field: 'client_id' },
    ],
    ['send to a hidden room', 'not_found', () => ({ ...hello(), room: hidden })],
    ['send to no room', 'not_found', () => ({ ...hello(), room: gone })],
    ['send to a room that one is not in', 'forbidden', () => ({ ...hello(), room: open })],
    ['edit of nothing', 'not_found', () => ({ type: 'edit', room, seq: far, body: 'x' })],
    ["edit of another's", 'forbidden', () => ({ type: 'edit', room, seq: 4, body: 'x' })],
    ['edit to nothing', 'invalid', () => ({ type: 'edit', room, seq: 5, body: '' }), { field: 'body' }],
    ['edit in a hidden room', 'not_found', () => ({ type: 'edit', room: hidden, seq: 2, body: 'x' })],
    ['edit in an open room', 'forbidden', () => ({ type: 'edit', room: open, seq: 2, body: 'x' })],
    ['delete of nothing', 'not_found', () => ({ type: 'delete', room, seq: 0 })],
    ["delete of another's", 'forbidden', () => ({ type: 'delete', room, seq: 4 })],
    ['delete in a hidden room', 'not_found', () => ({ type: 'delete', room: hidden, seq: 2 })],
    ['delete in no room', 'not_found', () => ({ type: 'delete', room: gone, seq: 2 })],
    ['read of a hidden room', 'not_found', () => ({ type: 'read', room: hidden, seq: 1 })],
    ['read of a room that one is not in', 'forbidden', () => ({ type: 'read', room: open, seq: 1 })],
    ['delivered of no room', 'not_found', () => ({ type: 'delivered', room: gone, seq: 1 })],
    ['typing in a room not heard', 'conflict', () => ({ type: 'typing', room: elsewhere, typing: true })],
    ['typing in a hidden room', 'conflict', () => ({ type: 'typing', room: hidden, typing: true })],
    ['subscribe to no room', 'not_found', () => ({ type: 'subscribe', room: gone })],
    ['subscribe to a hidden room', 'not_found', () => ({ type: 'subscribe', room: hidden })],
    ['subscribe to a room that one is not in', 'forbidden', () => ({ type: 'subscribe', room: open })],
    ['resuming a hidden room', 'not_found', () => ({ type: 'subscribe', room: hidden, after: 1 })],
    ['resuming a room that one is not in', 'forbidden', () => ({ type: 'subscribe', room: open, after: 1 })],
  ]

  test.each(cases)('%s: %s', async (_, code, request, more = { field: null }) => {
    const refusal = await client.refused(request())
    expect(refusal).toMatchObject({ code, retryable: false, retry_after_ms: 0, ...more })
    if (refusal.field !== null) expect(refusal.message.startsWith(`${refusal.field} `)).toBe(true)
    await client.settled()
  })

  test('hidden rooms look exactly like missing ones', async () => {
    const types = ['subscribe', 'read', 'delivered', 'edit', 'delete', 'send'] as const
    for (const type of types) {
      const to = (target: number) => client.refused({ type, room: target, seq: 2, body: 'x' })
      const [real, none] = [await to(hidden), await to(gone)]
      expect({ ...real, id: none.id }).toEqual(none)
    }
  })

  test('send by a key of a message in another room: conflict', async () => {
    await send(client, elsewhere, 'there', 'taken')
    expect(await client.refused({ ...hello(), client_id: 'taken' })).toMatchObject({ code: 'conflict' })
  })

  test('a second deletion: not_found', async () => {
    const { seq } = await send(client, room, 'to be deleted')
    await client.result({ type: 'delete', room, seq }, Revised)
    expect(await client.refused({ type: 'delete', room, seq })).toMatchObject({ code: 'not_found' })
    expect(await client.refused({ type: 'edit', room, seq, body: 'x' })).toMatchObject({ code: 'not_found' })
  })
})

function hello() {
  return { type: 'send', room, body: 'hello' } as const
}
