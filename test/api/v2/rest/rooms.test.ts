import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { ChangesPage, Room, RoomPage } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
})
afterAll(() => app.close())

function create(json: object, who = owner) {
  return call(app, who, 'POST', '/rooms', json)
}

async function created(json: object): Promise<Room> {
  return bodyOf(await create({ name: newName(), ...json }), 201, Room)
}

function newName(): string {
  return `room ${crypto.randomUUID()}`
}

describe('a new room', () => {
  test('belongs to the caller, and has the given properties', async () => {
    const name = newName()
    const description = 'What we build'
    const avatar = 'https://chat.example.com/a.png'
    const room = bodyOf(await create({ name, kind: 'private', description, avatar }), 201, Room)
    expect(room).toMatchObject({ name, kind: 'private', description, avatar, role: 'owner', invited: false })
    expect(room).toMatchObject({ creator: { id: owner.id }, member_count: 1, unread: 0, other: null })
    expect(await get(app, owner, `/rooms/${room.id}`, Room)).toEqual(room)
  })

  test('invites the named users', async () => {
    const room = await created({ kind: 'private', invited: [member.id, member.id, owner.id] })
    expect(room.head).toBe(2)
    const seen = await get(app, member, `/rooms/${room.id}`, Room)
    expect(seen).toMatchObject({ role: null, invited: true, read_seq: 0, unread: 0 })
    expectProblem(await call(app, outsider, 'GET', `/rooms/${room.id}`), 404, 'not_found')
  })

  test('is refused with an error that names the wrong field', async () => {
    const name = newName()
    const bad = [
      [{ kind: 'private' }, 'name'],
      [{ name }, 'kind'],
      [{ name: '', kind: 'public' }, 'name'],
      [{ name: '12345', kind: 'public' }, 'name'],
      [{ name: 'x'.repeat(101), kind: 'public' }, 'name'],
      [{ name, kind: 'direct' }, 'kind'],
      [{ name, kind: 'public', description: 'x'.repeat(2001) }, 'description'],
      [{ name, kind: 'public', avatar: 'a\0b' }, 'avatar'],
      [{ name, kind: 'public', invited: [987_654_321] }, 'invited'],
      [{ name, kind: 'public', invited: ['7'] }, 'invited'],
      [{ name, kind: 'public', invited: [0] }, 'invited'],
      [{ name, kind: 'public', invited: [1.5] }, 'invited'],
      [{ name, kind: 'public', invited: 7 }, 'invited'],
    ] as const
    for (const [json, field] of bad) expectProblem(await create(json), 400, 'invalid', { field })
    bodyOf(await create({ name, kind: 'public' }), 201, Room)
    expectProblem(await create({ name, kind: 'public' }), 409, 'conflict')
  })

  test('ignores other fields of the body', async () => {
    const room = await created({
      kind: 'public',
      id: 4_000_000,
      creator: { id: outsider.id, username: outsider.username },
      creator_id: outsider.id,
      role: 'member',
      head: 4_000_000,
      last_seq: 4_000_000,
      member_count: 4_000_000,
      memberCount: 4_000_000,
      created_at: '1970-01-01T00:00:00.000Z',
      createdAt: '1970-01-01T00:00:00.000Z',
      direct_low: 1,
    })
    expect(room).toMatchObject({ creator: { id: owner.id }, role: 'owner', head: 1, member_count: 1 })
    expect(room.id).toBeLessThan(4_000_000)
    expect(room.created_at > '2000').toBe(true)
  })
})

describe('lists of rooms', () => {
  const ids = async (who: Person, scope: string) => {
    const { items } = await get(app, who, `/rooms${scope}`, RoomPage)
    return items.map(({ id }) => id)
  }

  test('show, by scope, joined rooms, invitations, public rooms, and direct chats', async () => {
    const mine = await created({ kind: 'private', invited: [member.id] })
    const open = await created({ kind: 'public' })
    const direct = await makeDirect(app, member, owner)
    const joined = await makeRoom(app, outsider, [member], 'game')
    expect(await ids(owner, '')).toEqual([mine.id, open.id, direct])
    expect(await ids(owner, '?scope=joined')).toEqual([mine.id, open.id, direct])
    expect(await ids(member, '?scope=joined')).toEqual([direct, joined])
    expect(await ids(member, '?scope=invited')).toEqual([mine.id])
    expect(await ids(member, '?scope=direct')).toEqual([direct])
    expect(await ids(outsider, '?scope=direct')).toEqual([])
    expect(await ids(outsider, '?scope=invited')).toEqual([])
    const open200 = await ids(outsider, '?scope=public&limit=200')
    expect(open200).toContain(open.id)
    for (const hidden of [mine.id, direct, joined]) expect(open200).not.toContain(hidden)
  })

  test('show each room as its own route does, with unread messages and the other user', async () => {
    const { id } = await created({ kind: 'private', invited: [member.id] })
    bodyOf(await call(app, member, 'PUT', `/rooms/${id}/members/me`), 200, Room)
    await say(app, id, owner, 'hello')
    const direct = await makeDirect(app, owner, member)
    await say(app, direct, owner, 'hello')
    const socket = await connect(app, owner)
    const { items } = await get(app, member, '/rooms', RoomPage)
    expect(items.map(({ unread }) => unread)).toEqual([1, 1])
    expect(items[1]?.other).toMatchObject({ id: owner.id, online: true })
    for (const room of items) expect(await get(app, member, `/rooms/${room.id}`, Room)).toEqual(room)
    await socket.close()
  })

  test('refuse any other scope', async () => {
    for (const scope of ['', 'all', 'Joined']) {
      const answer = await call(app, owner, 'GET', `/rooms?scope=${scope}`)
      expectProblem(answer, 400, 'invalid', { field: 'scope' })
    }
  })
})

describe('describing a room', () => {
  const patch = (who: Person, id: number, json: object) => call(app, who, 'PATCH', `/rooms/${id}`, json)

  test('changes the given fields, and is an event in the room’s order', async () => {
    const { id } = await created({ kind: 'private', description: 'before', avatar: 'a' })
    const after = bodyOf(await patch(owner, id, { description: 'after' }), 200, Room)
    expect(after).toMatchObject({ description: 'after', avatar: 'a', head: 2 })
    expect(bodyOf(await patch(owner, id, { avatar: '' }), 200, Room)).toMatchObject({ avatar: '', head: 3 })
    const { items } = await get(app, owner, `/rooms/${id}/changes?after=1`, ChangesPage)
    expect(items.at(-1)).toMatchObject({ type: 'room', seq: 3, description: 'after', avatar: '' })
  })

  test('is for its owner and admins', async () => {
    const id = await makeRoom(app, owner, [member])
    expectProblem(await patch(member, id, { description: 'mine' }), 403, 'forbidden')
    expectProblem(await patch(outsider, id, { description: 'mine' }), 404, 'not_found')
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await patch(outsider, open, { description: 'mine' }), 403, 'forbidden')
    expect((await get(app, owner, `/rooms/${id}`, Room)).description).toBe('')
  })

  test('cannot change name or kind, and needs at least one field', async () => {
    const room = await created({ kind: 'private' })
    for (const json of [{}, { name: 'other' }, { kind: 'public' }, { head: 7 }]) {
      expectProblem(await patch(owner, room.id, json), 400, 'invalid')
    }
    const json = { description: 'new', name: 'other', kind: 'public', role: 'member', head: 7 }
    const after = bodyOf(await patch(owner, room.id, json), 200, Room)
    expect(after).toEqual({
      ...room,
      description: 'new',
      head: 2,
      updated_at: after.updated_at,
      read_seq: after.read_seq,
      delivered_seq: after.delivered_seq,
    })
  })
})

describe('deleting a room', () => {
  test('is for the owner, and ends the room for everyone', async () => {
    const id = await makeRoom(app, owner, [member])
    expectProblem(await call(app, member, 'DELETE', `/rooms/${id}`), 403, 'forbidden')
    expectProblem(await call(app, outsider, 'DELETE', `/rooms/${id}`), 404, 'not_found')
    expectDone(await call(app, owner, 'DELETE', `/rooms/${id}`))
    for (const who of [owner, member]) {
      expectProblem(await call(app, who, 'GET', `/rooms/${id}`), 404, 'not_found')
      expect((await get(app, who, '/rooms', RoomPage)).items).toEqual([])
    }
    expectProblem(await call(app, owner, 'DELETE', `/rooms/${id}`), 404, 'not_found')
  })

  test('is impossible in a direct chat', async () => {
    const id = await makeDirect(app, owner, member)
    expectProblem(await call(app, owner, 'DELETE', `/rooms/${id}`), 403, 'forbidden')
  })
})

describe('a direct chat', () => {
  const open = (who: Person, user: unknown) => call(app, who, 'POST', '/directs', { user })

  test('is created once, whichever user asks', async () => {
    const made = bodyOf(await open(owner, member.id), 201, Room)
    expect(made).toMatchObject({ kind: 'direct', name: null, role: 'member', other: { id: member.id } })
    const [again, theirs] = [await open(owner, member.id), await open(member, owner.id)]
    expect(bodyOf(again, 200, Room)).toEqual(made)
    expect(bodyOf(theirs, 200, Room)).toMatchObject({ id: made.id, other: { id: owner.id } })
  })

  test('is created once if both users ask simultaneously', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? open(owner, member.id) : open(member, owner.id))),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const rooms = answers.map((answer) => bodyOf(answer, answer.status === 201 ? 201 : 200, Room).id)
    expect(new Set(rooms).size).toBe(1)
  })

  test('needs another user, who exists', async () => {
    for (const user of [owner.id, 987_654_321, 0, -1, 1.5, '1', null, undefined]) {
      expectProblem(await open(owner, user), 400, 'invalid', { field: 'user' })
    }
  })

  test('is visible only to its two users', async () => {
    const id = await makeDirect(app, owner, member)
    expectProblem(await call(app, outsider, 'GET', `/rooms/${id}`), 404, 'not_found')
    expectProblem(await call(app, outsider, 'PUT', `/rooms/${id}/members/me`), 404, 'not_found')
    expectProblem(await call(app, owner, 'DELETE', `/rooms/${id}/members/me`), 403, 'forbidden')
    expectProblem(await call(app, owner, 'DELETE', `/rooms/${id}/members/${member.id}`), 403, 'forbidden')
  })
})
