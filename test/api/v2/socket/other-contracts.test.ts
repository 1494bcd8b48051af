import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { startApp, type TestApp } from '../../../support/app.ts'
import { DirectFrameShape, RoomFrameShape } from '../../support/contracts/shapes.ts'
import { openSocket } from '../../support/socket.ts'
import { HistoryFrame, SystemFrame, TextFrame } from '../../support/v1-shapes.ts'
import { hasMessage } from '../support/event-message.ts'
import { makeDirect, type Person, person } from '../support/people.ts'
import { bodiesIn, enter, eventsIn, send } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person
let client: V2Client

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  client = await connect(app, owner)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('clients of v2, v1 and the room socket in one room see each other’s messages', async () => {
  const name = `room ${crypto.randomUUID()}`
  const { id: room } = await app.chat.rooms.create({ name, kind: 'public' }, owner)
  await app.chat.membership.join({ id: room }, member)
  await enter(client, room)
  const v1 = openSocket(`${app.wsUrl}/api/v1/ws/${room}/${member.id}?token=${member.token}`)
  await v1.next(HistoryFrame)
  const roomSocket = openSocket(`${app.wsUrl}/ws/chat/${encodeURIComponent(name)}/?token=${member.token}`)
  await roomSocket.opened

  v1.send({ type: 'text', content: 'by v1', user_id: String(member.id) })
  const first = await v1.nextWhere(TextFrame, ({ content }) => content === 'by v1')
  roomSocket.send({ message: 'by the room socket', message_type: 'note' })
  const second = await v1.nextWhere(
    t.Object({ content: t.String() }),
    ({ content }) => content === 'by the room socket',
  )
  expect(second).toBeDefined()
  const sent = await send(client, room, 'by v2')
  expect(await v1.nextWhere(TextFrame, ({ content }) => content === 'by v2')).toMatchObject({
    id: String(sent.message),
    user_id: String(owner.id),
  })
  for (const [message, seq] of [
    ['by v1', sent.seq - 2],
    ['by the room socket', sent.seq - 1],
    ['by v2', sent.seq],
  ] as const) {
    const frame = await roomSocket.nextWhere(RoomFrameShape, (each) => each.message === message)
    expect(frame.seq).toBe(seq)
  }
  expect(bodiesIn(client, room)).toEqual(['by v1', 'by the room socket', 'by v2'])
  const [event] = eventsIn(client, room).filter(hasMessage)
  expect(event).toMatchObject({ message: { id: Number(first.id), kind: 'text', sender: { id: member.id } } })

  await client.close()
  // Whoever listens over v2 counts as present for v1.
  await v1.nextWhere(SystemFrame, ({ content }) => content === `User ${owner.username} left the chat`)
  await Promise.all([v1.close(), roomSocket.close()])
})

test('messages shown by the direct chat’s own socket count as read in v2', async () => {
  const room = await makeDirect(app, owner, member)
  await enter(client, room)
  const direct = openSocket(`${app.wsUrl}/ws/chat/${room}/?token=${member.token}`)
  await direct.opened
  const { seq } = await send(client, room, 'by v2')
  await direct.nextWhere(DirectFrameShape, ({ message }) => message.body === 'by v2')
  await client.heard('marks', (frame) => frame.user === member.id && frame.read_seq === seq)
  direct.send({ body: 'by its own socket' })
  const { message } = await client.heard('message', (frame) => frame.seq === seq + 1)
  expect(message).toMatchObject({ body: 'by its own socket', sender: { id: member.id } })
  await client.ask({ type: 'read', room, seq: seq + 1 })
  await Promise.all([client.close(), direct.close()])
})

test('joins, leaves and messages over REST of another contract are shown', async () => {
  const { id: room } = await app.chat.rooms.create(
    { name: `r ${crypto.randomUUID()}`, kind: 'public' },
    owner,
  )
  await enter(client, room)
  const response = await fetch(`${app.url}/api/v1/rooms/${room}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member.token}` },
    body: JSON.stringify({ content: 'hello', user_id: String(member.id), type: 'text' }),
  })
  expect(response.status).toBe(200)
  await client.heard('message', ({ seq }) => seq === 3)
  expect(eventsIn(client, room)).toMatchObject([
    { type: 'member', seq: 2, change: 'joined', user: { id: member.id } },
    { type: 'message', seq: 3, message: { body: 'hello' } },
  ])
  await client.close()
})
