// A user who is banned from a room reads, joins and speaks there through no contract; one who is muted speaks through none.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { closeCode, directChat, enter, publicRoom, roomPath } from '../support/contracts/rooms.ts'

let app: TestApp
let owner: Person
let user: Person

beforeAll(async () => {
  app = await startApp()
  owner = await person(app)
  user = await person(app)
})
afterAll(() => app.close())

async function openRoom(): Promise<{ id: number; name: string }> {
  const room = await publicRoom(owner)
  expect((await user.call('PUT', `/api/v2/rooms/${room.id}/members/me`)).status).toBe(200)
  return room
}

async function put(path: string): Promise<void> {
  const { status, text } = await owner.call('PUT', `/api/v2${path}`, {})
  expect([status, text]).toEqual([204, ''])
}

const ErrorShape = Type.Object({ error: Type.String() })
const v1Message = () => ({ content: 'me again', user_id: String(user.id) })

test('a ban ends what is open, and refuses everything else', async () => {
  const room = await openRoom()
  const name = encodeURIComponent(room.name)
  const socket = await enter(user, room.name)
  await put(`/rooms/${room.id}/bans/${user.id}`)
  expect(await closeCode(socket)).toBe(1008)

  const group = await user.call('POST', `/api/chat/groups/${name}/join/`)
  expect([group.status, group.json]).toEqual([403, { detail: 'You are not a member of this room.' }])
  const service = await user.call('POST', '/chat/join-room/', { room_id: room.id })
  expect([service.status, service.json]).toEqual([403, { error: 'You are not authorized to join this room' }])
  const sent = await user.call('POST', '/chat/send/', { message: 'me again', room: room.name })
  expect([sent.status, sent.json]).toEqual([403, { error: 'You are banned from this room' }])
  expect((await user.call('POST', `/api/v1/rooms/${room.id}/messages`, v1Message())).status).toBe(401)
  for (const path of [
    `/chat/history/?room=${name}`,
    `/chat/rooms/${room.id}/messages/`,
    `/api/chat/groups/${name}/messages/`,
    `/api/chat/groups/${name}/members/`,
    `/api/v2/rooms/${room.id}/messages`,
  ]) {
    expect([path, (await user.call('GET', path)).status]).toEqual([path, 403])
  }
  const v1 = await user.call('GET', `/api/v1/rooms/${room.id}/messages`)
  expect([v1.status, v1.json]).toEqual([401, { detail: 'You are banned from this room' }])
  for (const path of [roomPath(room.name), `/api/v1/ws/${room.id}/${user.id}`]) {
    const refusal = await handshake(`${app.wsUrl}${path}?token=${user.token}`)
    expect([path, refusal.status]).toEqual([path, path.includes('v1') ? 401 : 403])
  }
  const history = await owner.call('GET', `/chat/history/?room=${name}`)
  expect(JSON.stringify(history.json)).not.toContain('me again')
})

test('a muted member is refused by each contract in its own form, and reads on', async () => {
  const room = await openRoom()
  const name = encodeURIComponent(room.name)
  const socket = await enter(user, room.name)
  await put(`/rooms/${room.id}/mutes/${user.id}`)
  const text = 'You are muted in this room'
  socket.send({ message: 'me again' })
  expect(await socket.next(ErrorShape)).toEqual({ error: text })
  const sent = await user.call('POST', '/chat/send/', { message: 'me again', room: room.name })
  expect([sent.status, sent.json]).toEqual([403, { error: text }])
  const v1 = await user.call('POST', `/api/v1/rooms/${room.id}/messages`, v1Message())
  expect([v1.status, v1.json]).toEqual([401, { detail: text }])
  expect((await user.call('GET', `/chat/history/?room=${name}`)).status).toBe(200)
})

test('in slow mode each contract says that it is too soon, in its own form', async () => {
  const room = await openRoom()
  const rules = await owner.call('PATCH', `/api/v2/rooms/${room.id}`, { slow_mode: 600 })
  expect(rules.status).toBe(200)
  const send = () => user.call('POST', '/chat/send/', { message: 'words', room: room.name })
  expect((await send()).status).toBe(200)
  const tooSoon = await send()
  expect([tooSoon.status, tooSoon.json]).toEqual([
    429,
    { error: 'This room is in slow mode, try again later' },
  ])
  expect(Number(tooSoon.headers.get('retry-after'))).toBeWithin(500, 601)
  expect((await user.call('POST', `/api/v1/rooms/${room.id}/messages`, v1Message())).status).toBe(429)
})

test('the direct chat of two users of whom one blocks the other takes no message of either', async () => {
  const other = await person(app)
  const chat = await directChat(user, other)
  expect((await user.call('PUT', `/api/v2/me/blocks/${other.id}`)).status).toBe(204)
  for (const who of [user, other]) {
    const socket = who.open(`/ws/chat/${chat.id}/`)
    await socket.opened
    socket.send({ body: 'let me' })
    const answer = await socket.nextWhere(Type.Any(), (frame) => 'error' in frame)
    expect(answer).toEqual({ error: 'One of you has blocked the other' })
    await socket.close()
  }
  const stranger = await person(app)
  expect((await user.call('PUT', `/api/v2/me/blocks/${stranger.id}`)).status).toBe(204)
  const opened = await stranger.call('POST', '/api/chats/create/', { user_id: user.id })
  expect([opened.status, opened.json]).toEqual([403, { detail: 'One of you has blocked the other' }])
})
