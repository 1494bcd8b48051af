// Contract 1, its "Next steps": listing and deleting rooms.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, people, person, said } from '../support/contracts/people.ts'
import { closeCode, enter, join, publicRoom, room, say } from '../support/contracts/rooms.ts'
import { ListedRoomsShape, RoomFrameShape } from '../support/contracts/shapes.ts'
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

describe('GET /chat/rooms/', () => {
  const list = async (who: Person, query = '') =>
    expectAnswer(await who.call('GET', `/chat/rooms/${query}`), 200, ListedRoomsShape)

  test('shows rooms that the caller created', async () => {
    const who = await person(app)
    const made = [await room(who), await room(who, { type: 'game' })]
    const listed = await list(who)
    expect(listed.map(({ id, name, type }) => ({ id, name, type }))).toEqual(
      made.map(({ id, name, type }) => ({ id, name, type })),
    )
    expect(listed.map((entry) => [entry.creator, entry.members_count])).toEqual([
      [who.username, 1],
      [who.username, 1],
    ])
  })

  test('shows rooms to which the caller is invited, before and after joining', async () => {
    const who = await person(app)
    const made = await room(anna, { invited: [who] })
    const ids = async () => (await list(who)).map((entry) => [entry.id, entry.creator, entry.members_count])
    expect(await ids()).toEqual([[made.id, anna.username, 1]])
    await join(who, made.id)
    expect(await ids()).toEqual([[made.id, anna.username, 2]])
  })

  test('shows no other rooms: neither those of others, nor public ones, nor direct chats', async () => {
    const who = await person(app)
    await room(anna)
    await join(who, (await publicRoom(anna)).id)
    await who.call('POST', '/api/chats/create/', { user_id: anna.id })
    expect(await list(who)).toEqual([])
  })

  test('is paginated', async () => {
    const who = await person(app)
    const ids: number[] = []
    for (let i = 0; i < 5; i++) ids.push((await room(who)).id)
    expect((await list(who, '?limit=2')).map((entry) => entry.id)).toEqual(ids.slice(0, 2))
    expect((await list(who, `?limit=2&after=${ids[1]}`)).map((entry) => entry.id)).toEqual(ids.slice(2, 4))
    expect((await list(who, `?after=${ids[3]}`)).map((entry) => entry.id)).toEqual(ids.slice(4))
    expect(await list(who, `?after=${ids[4]}`)).toEqual([])
  })

  test.each([
    '?limit=0',
    '?limit=1001',
    '?limit=x',
    '?limit=',
    '?after=-1',
    '?after=x',
    '?after=9007199254740993',
  ])('refuses %s', async (query) => {
    const answer = await anna.call('GET', `/chat/rooms/${query}`)
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/^(limit|after): /) } })
  })
})

describe('DELETE /chat/rooms/{id}/', () => {
  test('deletes the creator’s room: it is listed nowhere, and its name is free', async () => {
    const made = await room(anna, { invited: [ben, cleo] })
    await join(ben, made.id)
    await say(ben, made.name, 'about to go')
    const answer = await anna.call('DELETE', `/chat/rooms/${made.id}/`)
    expect([answer.status, answer.text]).toEqual([204, ''])

    for (const who of [anna, ben, cleo]) {
      expect((await who.call('GET', '/chat/rooms/')).text).not.toContain(made.name)
      expect((await who.call('GET', '/api/chat/groups/all/')).text).not.toContain(made.name)
      const gone = [
        await who.call('POST', '/chat/join-room/', { room_id: made.id }),
        await who.call('GET', `/chat/rooms/${made.id}/messages/`),
        await who.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [ben.id] }),
        await who.call('DELETE', `/chat/rooms/${made.id}/`),
        await who.call('GET', `/chat/history/?room=${encodeURIComponent(made.name)}`),
        await who.call('POST', '/chat/send/', { message: 'still there?', room: made.name }),
      ]
      for (const refusal of gone) {
        expect(said(refusal)).toEqual({ status: 404, body: { error: 'Room not found' } })
      }
    }
    const again = await room(cleo, { name: made.name })
    expect(again.id).not.toBe(made.id)
    expect((await cleo.call('GET', `/chat/rooms/${again.id}/messages/`)).json).toEqual({ messages: [] })
  })

  test('closes every socket of the room at once, and no other socket', async () => {
    const made = await room(anna, { invited: [ben] })
    const [own, theirs, elsewhere] = [
      await enter(anna, made.name),
      await enter(ben, made.name),
      await enter(ben, 'lobby'),
    ]
    const v1 = ben.open(`/api/v1/ws/${made.id}/${ben.id}`)
    await v1.opened
    expect((await anna.call('DELETE', `/chat/rooms/${made.id}/`)).status).toBe(204)
    for (const socket of [own, theirs, v1]) expect(await closeCode(socket)).toBe(1008)
    elsewhere.send({ message: 'not concerned' })
    await elsewhere.nextWhere(RoomFrameShape, (frame) => frame.message === 'not concerned')
    await elsewhere.close()
  })

  test.each(['a member', 'an invited user', 'an outsider'])('refuses %s', async (who) => {
    const [member, invited, outsider] = await people(app, 3)
    const caller = { 'a member': member, 'an invited user': invited, 'an outsider': outsider }[who]
    if (member === undefined || invited === undefined || caller === undefined) throw new Error(who)
    const made = await room(anna, { invited: [member, invited] })
    await join(member, made.id)
    const answer = await caller.call('DELETE', `/chat/rooms/${made.id}/`)
    expect(said(answer)).toEqual({ status: 403, body: { error: expect.stringMatching(/^You are not a/) } })
    expect((await member.call('GET', `/chat/rooms/${made.id}/messages/`)).status).toBe(200)
  })

  test('lets the creator of a public room delete it, and nobody delete a room without a creator', async () => {
    const open = await publicRoom(anna)
    expect((await ben.call('DELETE', `/chat/rooms/${open.id}/`)).status).toBe(403)
    expect((await anna.call('DELETE', `/chat/rooms/${open.id}/`)).status).toBe(204)
    const lobby = await ben.call('POST', '/api/chat/groups/lobby/join/')
    const { id } =
      typeof lobby.json === 'object' && lobby.json !== null && 'id' in lobby.json ? lobby.json : { id: 0 }
    expect((await ben.call('DELETE', `/chat/rooms/${id}/`)).status).toBe(403)
  })
})
