// Contract 1: creating and joining rooms.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { directChat, join, publicRoom, room } from '../support/contracts/rooms.ts'
import { CreatedRoomShape, JoinedRoomShape } from '../support/contracts/shapes.ts'
import { expectAnswer } from '../support/rest.ts'

let app: TestApp
let anna: Person
let ben: Person
let cleo: Person
let dora: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
  cleo = await person(app)
  dora = await person(app)
})
afterAll(() => app.close())

describe('POST /chat/create-room/', () => {
  test('answers 201 with the room as documented', async () => {
    const json = { name: 'Room Name', type: 'private', invited_users: [ben.id, cleo.id] }
    const answer = await anna.call('POST', '/chat/create-room/', json)
    expect(said(answer)).toEqual({
      status: 201,
      body: {
        id: expectAnswer(answer, 201, CreatedRoomShape).id,
        name: 'Room Name',
        type: 'private',
        creator: anna.username,
        invited_users: [ben.username, cleo.username],
      },
    })
  })

  test('needs only a name: the room is private, and nobody is invited', async () => {
    const answer = await anna.call('POST', '/chat/create-room/', { name: 'just a name' })
    const made = expectAnswer(answer, 201, CreatedRoomShape)
    expect([made.type, made.invited_users]).toEqual(['private', []])
  })

  test('creates game rooms as well', async () => {
    expect((await room(anna, { type: 'game' })).type).toBe('game')
  })

  test('lists the invited users in the order given, each once, without the creator', async () => {
    const made = await room(anna, { invited: [dora, ben, anna, cleo, ben] })
    expect(made.invited_users).toEqual([dora.username, ben.username, cleo.username])
  })

  test('makes only the creator a member', async () => {
    const made = await room(anna, { invited: [ben] })
    const answer = await anna.call('POST', '/chat/join-room/', { room_id: made.id })
    expect(expectAnswer(answer, 200, JoinedRoomShape).members).toEqual([anna.username])
  })

  test.each([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a blank name', { name: ' \t\n ' }],
    ['no name, but the rest', { type: 'private', invited_users: [] }],
  ])('refuses %s', async (_, json) => {
    const answer = await anna.call('POST', '/chat/create-room/', json)
    expect(said(answer)).toEqual({ status: 400, body: { error: 'Room name is required' } })
  })

  test('refuses a request without any body as one without a name', async () => {
    const answer = await anna.call('POST', '/chat/create-room/')
    expect(said(answer)).toEqual({ status: 400, body: { error: 'Room name is required' } })
  })

  test('refuses the name of a room that the caller may see, whoever created it and whatever its type', async () => {
    const taken = await room(anna, { invited: [ben] })
    const own = await room(ben)
    const open = await publicRoom(anna)
    for (const name of [taken.name, own.name, open.name, 'lobby', 'LOBBY ']) {
      const answer = await ben.call('POST', '/chat/create-room/', { name, type: 'game' })
      expect(said(answer)).toEqual({ status: 400, body: { error: 'Room name already exists' } })
    }
  })

  test('creates one room if several are requested simultaneously with the same name', async () => {
    const json = { name: `race ${crypto.randomUUID()}` }
    const answers = await Promise.all(
      [anna, anna, anna, anna].map((who) => who.call('POST', '/chat/create-room/', json)),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 400, 400, 400])
    const refused = answers.filter((answer) => answer.status === 400)
    for (const answer of refused) expect(answer.json).toEqual({ error: 'Room name already exists' })
  })

  test.each(['public', 'direct', 'Private', 'x', ''])('refuses the type %j', async (type) => {
    const answer = await anna.call('POST', '/chat/create-room/', { name: 'of a strange type', type })
    expect(said(answer)).toEqual({ status: 400, body: { error: "Room type must be 'private' or 'game'" } })
  })

  test.each([
    ['an unknown user', () => [ben.id, 987_654]],
    ['an id out of range', () => [2 ** 53]],
    ['no id at all', () => [0]],
    ['a negative id', () => [-ben.id]],
  ])('refuses to invite %s, and creates no room', async (_, invited) => {
    const name = `nobody's ${crypto.randomUUID()}`
    const answer = await anna.call('POST', '/chat/create-room/', { name, invited_users: invited() })
    expect(said(answer)).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/users? do(es)? not exist/) },
    })
    expect((await room(anna, { name })).name).toBe(name)
  })

  test.each([
    ['a name that is no text', { name: 5 }],
    ['a name with NUL', { name: 'a\0b' }],
    ['a name of half a character', { name: 'a\ud800' }],
    ['a type that is no text', { name: 'x1', type: 5 }],
    ['a user that is no number', { name: 'x2', invited_users: ['1'] }],
    ['half a user', { name: 'x3', invited_users: [1.5] }],
    ['one user instead of a list', { name: 'x4', invited_users: 1 }],
    ['a list in place of an object', ['name']],
    ['text in place of an object', 'name'],
  ])('refuses %s', async (_, json) => {
    const answer = await anna.call('POST', '/chat/create-room/', json)
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/.../) } })
  })

  test('ignores unknown fields', async () => {
    const name = `mass assignment ${crypto.randomUUID()}`
    const extra = {
      id: 7,
      creator: ben.username,
      creator_id: ben.id,
      members: [ben.id],
      kind: 'public',
      lastSeq: 9,
    }
    const made = expectAnswer(
      await anna.call('POST', '/chat/create-room/', { name, ...extra }),
      201,
      CreatedRoomShape,
    )
    expect(made).toEqual({ id: made.id, name, type: 'private', creator: anna.username, invited_users: [] })
    expect(made.id).not.toBe(7)
    expect((await ben.call('POST', '/chat/join-room/', { room_id: made.id })).status).toBe(403)
  })
})

describe('POST /chat/join-room/', () => {
  test('answers 200 with the room and its members as documented', async () => {
    const made = await room(anna, { type: 'game', invited: [ben] })
    const answer = await ben.call('POST', '/chat/join-room/', { room_id: made.id })
    expect(said(answer)).toEqual({
      status: 200,
      body: { id: made.id, name: made.name, type: 'game', members: [anna.username, ben.username] },
    })
  })

  test('changes nothing for a member', async () => {
    const made = await room(anna, { invited: [ben] })
    await join(ben, made.id)
    const again = await Promise.all(
      [1, 2, 3].map(() => ben.call('POST', '/chat/join-room/', { room_id: made.id })),
    )
    for (const answer of again) {
      expect(expectAnswer(answer, 200, JoinedRoomShape).members).toEqual([anna.username, ben.username])
    }
  })

  test('lets any user join a public room', async () => {
    const open = await publicRoom(anna)
    const answer = await dora.call('POST', '/chat/join-room/', { room_id: open.id })
    expect(expectAnswer(answer, 200, JoinedRoomShape)).toEqual({
      ...open,
      type: 'public',
      members: [anna.username, dora.username],
    })
  })

  test.each([987_654, 0, -1, 2 ** 53])('does not find %d', async (id) => {
    const answer = await anna.call('POST', '/chat/join-room/', { room_id: id })
    expect(said(answer)).toEqual({ status: 404, body: { error: 'Room not found' } })
  })

  test('refuses users who were not invited', async () => {
    const made = await room(anna, { invited: [ben] })
    const answer = await cleo.call('POST', '/chat/join-room/', { room_id: made.id })
    expect(said(answer)).toEqual({
      status: 403,
      body: { error: 'You are not authorized to join this room' },
    })
  })

  test("refuses others' direct chats", async () => {
    const chat = await directChat(anna, ben)
    const answer = await cleo.call('POST', '/chat/join-room/', { room_id: chat.id })
    expect(said(answer)).toEqual({
      status: 403,
      body: { error: 'You are not authorized to join this room' },
    })
  })

  test.each([[{}], [{ room_id: '1' }], [{ room_id: 1.5 }], [{ room_id: null }], [{ name: 'lobby' }], [[]]])(
    'refuses %j',
    async (json) => {
      const answer = await anna.call('POST', '/chat/join-room/', json)
      expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/.../) } })
    },
  )
})

test.each([
  ['POST', '/chat/create-room', { name: 'without a slash' }, 201],
  ['POST', '/chat/create-room/', { name: 'with a slash' }, 201],
  ['POST', '/chat/join-room', { room_id: 987_654 }, 404],
  ['GET', '/chat/rooms', undefined, 200],
  ['GET', '/chat/rooms/', undefined, 200],
  ['DELETE', '/chat/rooms/987654', undefined, 404],
  ['DELETE', '/chat/rooms/987654/', undefined, 404],
  ['POST', '/chat/rooms/987654/invite', { users: [] }, 404],
  ['POST', '/chat/rooms/987654/invite/', { users: [] }, 404],
  ['GET', '/chat/rooms/987654/messages', undefined, 404],
  ['GET', '/chat/rooms/987654/messages/', undefined, 404],
])('%s %s exists', async (method, path, json, status) => {
  const answer = await anna.call(method, path, json)
  expect(answer.status).toBe(status)
  if (status === 404) expect(answer.json).toEqual({ error: 'Room not found' })
})
