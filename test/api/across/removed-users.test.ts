// Users whose rows SQL has removed: what they said and did stays readable, in every contract.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import postgres, { type Sql } from 'postgres'
import { Snapshot, Subscribed } from '../../../src/api/v2/wire/index.ts'
import { isId, type RoomId } from '../../../src/core/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { directChat, join, room as privateRoom, publicRoom } from '../support/contracts/rooms.ts'
import { expectAnswer } from '../support/rest.ts'
import { V2Client } from '../v2/support/v2-client.ts'

/** A name that nobody can register. */
const REMOVED = 'deleted user'

let app: TestApp
let sql: Sql
let owner: Person
let gone: Person
let open: { id: number; name: string }
let closed: { id: number; name: string }
let direct: { id: number }

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1 })
  owner = await person(app)
  gone = await person(app)
  open = await publicRoom(gone)
  await join(owner, open.id)
  closed = await privateRoom(owner, { invited: [gone] })
  await join(gone, closed.id)
  direct = await directChat(gone, owner)
  for (const { id } of [open, closed, direct]) await talk(checked(id))
  await sql`delete from users where id = ${gone.id}`
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

/** The one who goes says something that the other answers, changes it, and says another thing. */
async function talk(room: RoomId): Promise<void> {
  const said = await gone.call('POST', `/api/v2/rooms/${room}/messages`, { body: 'first' })
  const { seq } = expectAnswer(said, 201, t.Object({ seq: t.Integer() }))
  await owner.call('POST', `/api/v2/rooms/${room}/messages`, { body: 'an answer', reply_to: seq })
  await gone.call('PATCH', `/api/v2/rooms/${room}/messages/${seq}`, { body: 'changed' })
  await gone.call('POST', `/api/v2/rooms/${room}/messages`, { body: 'last' })
}

function checked(id: number): RoomId {
  if (!isId(id)) throw new Error(`${id} is no room`)
  return id
}

test.each([
  ['v2: rooms', () => '/api/v2/rooms'],
  ['v2: direct chats', () => '/api/v2/rooms?scope=direct'],
  ['v2: a room', () => `/api/v2/rooms/${open.id}`],
  ['v2: messages', () => `/api/v2/rooms/${open.id}/messages`],
  ['v2: a message', () => `/api/v2/rooms/${closed.id}/messages/4`],
  ['v2: changes', () => `/api/v2/rooms/${closed.id}/changes`],
  ['v2: a snapshot', () => `/api/v2/rooms/${open.id}/snapshot`],
  ['v2: a direct chat’s snapshot', () => `/api/v2/rooms/${direct.id}/snapshot`],
  ['v2: members', () => `/api/v2/rooms/${open.id}/members`],
  ['v2: invitations', () => `/api/v2/rooms/${closed.id}/invitations`],
  ['v2: presence', () => `/api/v2/rooms/${open.id}/presence`],
  ['v2: unread', () => '/api/v2/unread'],
  ['chat service: rooms', () => '/chat/rooms/'],
  ['chat service: messages', () => `/chat/rooms/${closed.id}/messages/`],
  ['live chat: history', () => `/chat/history/?room=${encodeURIComponent(open.name)}`],
  ['direct chats', () => '/api/chats/'],
  ['groups: all', () => '/api/chat/groups/all/'],
  ['groups: messages', () => `/api/chat/groups/${encodeURIComponent(open.name)}/messages/`],
  ['groups: members', () => `/api/chat/groups/${encodeURIComponent(open.name)}/members/`],
  ['v1: a room', () => `/api/v1/rooms/${open.id}`],
  ['v1: messages', () => `/api/v1/rooms/${open.id}/messages`],
])('%s', async (_, path) => {
  const { status, text } = await owner.call('GET', path())
  expect({ status, text }).toMatchObject({ status: 200 })
  expect(text).not.toContain(gone.username)
})

test('the sender of their messages is a user that nobody can be', async () => {
  const Page = t.Object({
    items: t.Array(t.Object({ sender: t.Object({ id: t.Integer(), username: t.String() }) })),
  })
  const { items } = expectAnswer(await owner.call('GET', `/api/v2/rooms/${open.id}/messages`), 200, Page)
  expect(items.map(({ sender }) => sender)).toContainEqual({ id: gone.id, username: REMOVED })
  const { status } = await owner.call('POST', '/api/v1/users', { username: REMOVED })
  expect(status).toBe(400)
})

test('their changes to a room stay, so that no number is missing', async () => {
  const Page = t.Object({
    items: t.Array(t.Object({ seq: t.Integer(), type: t.String() })),
    head: t.Integer(),
  })
  const path = `/api/v2/rooms/${open.id}/changes?after=0`
  const { items } = expectAnswer(await owner.call('GET', path), 200, Page)
  expect(items.filter(({ type }) => type === 'member').map(({ seq }) => seq)).toEqual([1, 2])
})

test('a direct chat with them is still listed, and identifies them by their id', async () => {
  const Chats = t.Array(
    t.Object({ id: t.Integer(), other_user: t.Object({ id: t.Integer(), username: t.String() }) }),
  )
  const chats = expectAnswer(await owner.call('GET', '/api/chats/'), 200, Chats)
  expect(chats.map(({ id, other_user }) => ({ id, other_user }))).toEqual([
    { id: direct.id, other_user: { id: gone.id, username: REMOVED } },
  ])
  const path = `/api/v2/rooms/${direct.id}/snapshot`
  const snapshot = expectAnswer(await owner.call('GET', path), 200, Snapshot)
  expect(snapshot.room.other).toMatchObject({ id: gone.id, username: REMOVED, last_seen: null })
})

test('the sockets show their messages', async () => {
  const client = new V2Client(`${app.wsUrl}/api/v2/socket?token=${owner.token}`)
  await client.heard('hello')
  for (const { id } of [open, closed, direct]) {
    const { mode } = await client.result({ type: 'subscribe', room: id, after: 0 }, Subscribed)
    expect(mode).toBe('changes')
    await client.heard('live', ({ room }) => room === id)
  }
  await client.close()
  const Frame = t.Object({ message: t.Object({ sender: t.Unknown(), body: t.String() }) })
  const socket = owner.open(`/ws/chat/${direct.id}/`)
  const { message } = await socket.nextWhere(Frame, ({ message: { body } }) => body === 'changed')
  expect(JSON.stringify(message)).toContain(REMOVED)
  await socket.close()
})

test('a user who is removed while connected is refused, without a server fault', async () => {
  const late = await person(app)
  await join(late, open.id)
  await late.call('GET', '/api/v2/me')
  await sql`delete from users where id = ${late.id}`
  // For a moment a token is believed without asking.
  const answers = await Promise.all([
    late.call('POST', '/api/v2/rooms', { name: `room ${crypto.randomUUID()}`, kind: 'private' }),
    late.call('POST', '/api/v2/directs', { user: owner.id }),
    late.call('POST', `/api/v2/rooms/${open.id}/messages`, { body: 'still here' }),
    late.call('PUT', `/api/v2/rooms/${open.id}/members/me`),
  ])
  expect(answers.filter(({ status }) => status < 400 || status >= 500).map(({ text }) => text)).toEqual([])
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})
