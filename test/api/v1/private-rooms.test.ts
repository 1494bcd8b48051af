import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type OtherRooms, otherRooms } from '../support/other-rooms.ts'
import { expectAnswer } from '../support/rest.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import { DetailShape, HistoryFrame, MessagesShape, RoomShape, TextFrame } from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client
let others: OtherRooms
let owner: V1User
let outsider: V1User
const rooms: Record<string, V1Room> = {}

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
  others = otherRooms(app)
  owner = await v1.user()
  outsider = await v1.user()
  rooms.private = await others.make('private', owner)
  rooms.game = await others.make('game', owner)
  rooms.direct = await others.makeDirect(owner, await v1.user())
  for (const room of Object.values(rooms)) await v1.say(room, owner, 'a secret')
})
afterAll(() => app.close())

describe.each(['private', 'game', 'direct'])('a %s room', (kind) => {
  test('is not listed, for anybody', async () => {
    for (const options of [{}, { token: outsider.token }, { token: owner.token }]) {
      const answer = await v1.call('GET', '/rooms', options)
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain(`"${roomOf(kind).id}"`)
    }
  })

  test.each(['nobody', 'an outsider'])('looks nonexistent to %s', async (who) => {
    const options = who === 'nobody' ? {} : { token: outsider.token }
    const { id } = roomOf(kind)
    const json = { content: 'let me in', user_id: outsider.id }
    const path = `${app.wsUrl}/api/v1/ws/${id}/${outsider.id}`
    const answers = [
      await v1.call('GET', `/rooms/${id}`, options),
      await v1.call('GET', `/rooms/${id}/messages`, options),
      await v1.call('GET', `/rooms/${id}/messages?before=1`, options),
      await v1.call('POST', `/rooms/${id}/messages`, { json, ...options }),
      { ...(await handshake(who === 'nobody' ? path : `${path}?token=${outsider.token}`)) },
    ]
    const missing = await v1.call('GET', '/rooms/987654', options)
    expectAnswer(missing, 404, DetailShape)
    for (const answer of answers) expect([answer.status, answer.text]).toEqual([404, missing.text])
  })

  test('is shown to a member who sends a credential', async () => {
    const room = roomOf(kind)
    const options = { token: owner.token }
    expect(expectAnswer(await v1.call('GET', `/rooms/${room.id}`, options), 200, RoomShape)).toEqual(room)
    const read = expectAnswer(await v1.call('GET', `/rooms/${room.id}/messages`, options), 200, MessagesShape)
    expect(read[0]?.content).toBe('a secret')
    const socket = v1.open(room, owner, `?token=${owner.token}`)
    await socket.next(HistoryFrame)
    const sent = await v1.say(room, owner, 'still a secret')
    expect((await socket.nextWhere(TextFrame, () => true)).id).toBe(sent.id)
    await socket.close()
  })
})

test('an invited user becomes a member by opening the socket', async () => {
  const guest = await v1.user()
  const room = await others.make('private', owner, [guest])
  expect(await others.memberCount(room)).toBe(1)
  const { socket } = await v1.join(room, guest)
  expect(await others.memberCount(room)).toBe(2)
  await socket.close()
})

test('a deleted room looks as if it had never existed', async () => {
  const room = await v1.room(undefined, { token: owner.token })
  await v1.say(room, owner, 'gone soon')
  await others.delete(room, owner)
  const json = { content: 'too late', user_id: owner.id }
  expectAnswer(await v1.call('GET', `/rooms/${room.id}`), 404, DetailShape)
  expectAnswer(await v1.call('GET', `/rooms/${room.id}/messages`), 404, DetailShape)
  expectAnswer(await v1.call('POST', `/rooms/${room.id}/messages`, { json }), 404, DetailShape)
  expect((await handshake(`${app.wsUrl}/api/v1/ws/${room.id}/${owner.id}`)).status).toBe(404)
  expect((await v1.call('GET', '/rooms')).text).not.toContain(room.name)
})

function roomOf(kind: string): V1Room {
  const room = rooms[kind]
  if (room === undefined) throw new Error(`there is no room of the kind ${kind}`)
  return room
}
