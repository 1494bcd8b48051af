// A user who was removed from a public room cannot rejoin without an invitation, in any contract.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person } from '../support/contracts/people.ts'
import { publicRoom, roomPath } from '../support/contracts/rooms.ts'

let app: TestApp
let owner: Person
let removed: Person
let member: Person
let room: { id: number; name: string }

beforeAll(async () => {
  app = await startApp()
  owner = await person(app)
  removed = await person(app)
  member = await person(app)
  room = await publicRoom(owner)
  for (const each of [removed, member]) expect((await join(each)).status).toBe(200)
  const path = `/api/v2/rooms/${room.id}/members/${removed.id}`
  expect((await owner.call('DELETE', path)).status).toBe(204)
})
afterAll(() => app.close())

const join = (who: Person) => who.call('PUT', `/api/v2/rooms/${room.id}/members/me`)
const invite = (who: Person) =>
  who.call('POST', `/api/v2/rooms/${room.id}/invitations`, { users: [removed.id] })

test('they are refused wherever a room is joined or spoken in', async () => {
  const name = encodeURIComponent(room.name)
  expect((await join(removed)).status).toBe(403)
  const group = await removed.call('POST', `/api/chat/groups/${name}/join/`)
  expect([group.status, group.json]).toEqual([403, { detail: 'You are not a member of this room.' }])
  const service = await removed.call('POST', '/chat/join-room/', { room_id: room.id })
  expect([service.status, service.json]).toEqual([403, { error: 'You are not authorized to join this room' }])
  const sent = await removed.call('POST', '/chat/send/', { message: 'me again', room: room.name })
  expect(sent.status).toBe(403)
  const v1 = { content: 'me again', user_id: String(removed.id) }
  expect((await removed.call('POST', `/api/v1/rooms/${room.id}/messages`, v1)).status).toBe(401)
  for (const path of [roomPath(room.name), `/api/v1/ws/${room.id}/${removed.id}`]) {
    const refusal = await handshake(`${app.wsUrl}${path}?token=${removed.token}`)
    expect([path, refusal.status]).toEqual([path, path.includes('v1') ? 401 : 403])
  }
  const history = await owner.call('GET', `/chat/history/?room=${name}`)
  expect(history.json).toEqual({ chat_history: [] })
})

test('an invitation by a member does not bring them back, but one by the owner does', async () => {
  expect((await invite(member)).status).toBe(403)
  expect((await join(removed)).status).toBe(403)
  expect((await invite(owner)).status).toBe(200)
  expect((await join(removed)).status).toBe(200)
})
