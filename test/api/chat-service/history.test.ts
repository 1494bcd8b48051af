// Contract 1, its "Next steps": inviting users, and the messages of a room.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { enter, join, publicRoom, room, say } from '../support/contracts/rooms.ts'
import { RoomFrameShape, RoomMessagesShape } from '../support/contracts/shapes.ts'
import { expectAnswer } from '../support/rest.ts'

let app: TestApp
let anna: Person
let ben: Person
let cleo: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
  cleo = await person(app)
})
afterAll(() => app.close())

describe('POST /chat/rooms/{id}/invite/', () => {
  test('invites users to an existing room, who may then join', async () => {
    const made = await room(anna)
    expect((await ben.call('POST', '/chat/join-room/', { room_id: made.id })).status).toBe(403)
    const answer = await anna.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [cleo.id, ben.id] })
    expect(said(answer)).toEqual({
      status: 200,
      body: { id: made.id, name: made.name, type: 'private', invited_users: [cleo.username, ben.username] },
    })
    await join(ben, made.id)
    await join(cleo, made.id)
  })

  test('is open to any member', async () => {
    const made = await room(anna, { invited: [ben] })
    await join(ben, made.id)
    expect((await ben.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [cleo.id] })).status).toBe(200)
    await join(cleo, made.id)
  })

  test('changes nothing for members and users who are already invited', async () => {
    const made = await room(anna, { invited: [ben, cleo] })
    await join(ben, made.id)
    const json = { users: [ben.id, cleo.id, anna.id, cleo.id] }
    const answer = await anna.call('POST', `/chat/rooms/${made.id}/invite/`, json)
    expect(answer.status).toBe(200)
    const socket = await enter(ben, made.name)
    await socket.close()
    await join(cleo, made.id)
  })

  test('invites nobody if one of the users does not exist', async () => {
    const made = await room(anna)
    for (const users of [
      [ben.id, 987_654],
      [ben.id, 0],
      [ben.id, 2 ** 53],
    ]) {
      const answer = await anna.call('POST', `/chat/rooms/${made.id}/invite/`, { users })
      expect(said(answer)).toEqual({ status: 400, body: { error: 'One or more users do not exist' } })
    }
    expect((await ben.call('POST', '/chat/join-room/', { room_id: made.id })).status).toBe(403)
  })

  test.each([
    {},
    { users: 'x' },
    { users: ['1'] },
    { users: [1.5] },
    { users: null },
    { invited_users: [1] },
  ])('refuses %j', async (json) => {
    const made = await room(anna)
    const answer = await anna.call('POST', `/chat/rooms/${made.id}/invite/`, json)
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/^users/) } })
  })

  test('refuses invited users who have not joined, and outsiders', async () => {
    const made = await room(anna, { invited: [ben] })
    for (const who of [ben, cleo]) {
      const answer = await who.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [cleo.id] })
      expect(said(answer)).toEqual({ status: 403, body: { error: expect.stringMatching(/^You are not a/) } })
    }
    expect((await cleo.call('POST', '/chat/join-room/', { room_id: made.id })).status).toBe(403)
  })
})

describe('GET /chat/rooms/{id}/messages/', () => {
  const read = async (who: Person, id: number, query = '') =>
    expectAnswer(await who.call('GET', `/chat/rooms/${id}/messages/${query}`), 200, RoomMessagesShape)
      .messages

  test('shows messages of every contract as the socket does, oldest first', async () => {
    const made = await room(anna, { invited: [ben] })
    const socket = await enter(ben, made.name)
    socket.send({ message: 'from the socket', message_type: 'emote' })
    await socket.nextWhere(RoomFrameShape, (frame) => frame.message === 'from the socket')
    await say(anna, made.name, 'from /chat/send/')
    const json = { content: 'from v1', user_id: String(anna.id), type: 'text' }
    expect((await anna.call('POST', `/api/v1/rooms/${made.id}/messages`, json)).status).toBe(200)
    await socket.nextWhere(RoomFrameShape, (frame) => frame.message === 'from v1')
    const messages = await read(anna, made.id)
    expect(messages.map((frame) => frame.message).slice(1)).toEqual([
      'from the socket',
      'from /chat/send/',
      'from v1',
    ])
    expect(socket.frames).toEqual(messages)
    await socket.close()
  })

  test('shows the latest 50 messages, or as many as requested, and pages back', async () => {
    const made = await room(anna)
    for (let i = 1; i <= 55; i++) await say(anna, made.name, `${i}`)
    const numbers = async (query: string) =>
      (await read(anna, made.id, query)).map((frame) => Number(frame.message))
    expect(await numbers('')).toEqual(range(6, 55))
    expect(await numbers('?limit=3')).toEqual([53, 54, 55])
    expect(await numbers('?limit=200')).toEqual(range(1, 55))
    const [first] = await read(anna, made.id, '?limit=3')
    expect(await numbers(`?before=${first?.id}`)).toEqual(range(3, 52))
    expect(await numbers(`?before=${first?.id}&limit=2`)).toEqual([51, 52])
    const [oldest] = await read(anna, made.id, '?limit=200')
    expect(await numbers(`?before=${oldest?.id}`)).toEqual([])
  })

  test('refuses a cursor that is not in the room', async () => {
    const [here, there] = [await room(anna), await room(anna)]
    await say(anna, there.name, 'elsewhere')
    const [message] = await read(anna, there.id)
    for (const before of [message?.id, 987_654]) {
      const answer = await anna.call('GET', `/chat/rooms/${here.id}/messages/?before=${before}`)
      expect(said(answer)).toEqual({ status: 400, body: { error: 'No such message in this room' } })
    }
  })

  test.each(['?limit=0', '?limit=201', '?limit=x', '?limit=1.5', '?before=x', '?before=0', '?before=-1'])(
    'refuses %s',
    async (query) => {
      const made = await room(anna)
      const answer = await anna.call('GET', `/chat/rooms/${made.id}/messages/${query}`)
      expect(said(answer)).toEqual({
        status: 400,
        body: { error: expect.stringMatching(/^(limit|before): /) },
      })
    },
  )

  test('shows nothing to invited users who have not joined, nor to outsiders', async () => {
    const made = await room(anna, { invited: [ben] })
    await say(anna, made.name, 'a secret')
    for (const who of [ben, cleo]) {
      const answer = await who.call('GET', `/chat/rooms/${made.id}/messages/`)
      expect(said(answer)).toEqual({ status: 403, body: { error: expect.stringMatching(/^You are not a/) } })
    }
  })

  test('shows the messages of a public room to any user', async () => {
    const open = await publicRoom(anna)
    await say(anna, open.name, 'for all')
    expect((await read(cleo, open.id)).map((frame) => frame.message)).toEqual(['for all'])
  })

  test.each(['0', '-1', 'x', '9007199254740993', '1.5', '%20'])('does not find %s', async (id) => {
    const answer = await anna.call('GET', `/chat/rooms/${id}/messages/`)
    expect(said(answer)).toEqual({ status: 404, body: { error: 'Room not found' } })
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
