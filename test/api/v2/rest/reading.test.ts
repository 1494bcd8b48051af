// How far somebody has read, and who is there.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Marked, Member, Presence, pageOf, Room, UnreadRoom } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

const Unread = pageOf(UnreadRoom)

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: number

beforeAll(async () => {
  app = await startApp({ PRESENCE_GRACE_MS: '0' })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
})
afterAll(() => app.close())

function put(who: Person, json: unknown, of = room) {
  return call(app, who, 'PUT', `/rooms/${of}/marks`, json)
}

async function marked(who: Person, json: object): Promise<Marked> {
  return bodyOf(await put(who, json), 200, Marked)
}

async function unread(who: Person) {
  return (await get(app, who, '/unread', Unread)).items
}

describe('marks', () => {
  test('move forward, never back, never past the end; a read message also counts as delivered', async () => {
    const [first, second, third] = [
      await say(app, room, owner, 'one'),
      await say(app, room, owner, 'two'),
      await say(app, room, owner, 'three'),
    ]
    const head = third
    expect(await marked(member, { delivered_seq: second })).toMatchObject({
      delivered_seq: second,
      unread: 3,
      head,
    })
    const read = { room, read_seq: first, delivered_seq: second, unread: 2, head }
    expect(await marked(member, { read_seq: first })).toEqual(read)
    expect(await marked(member, { read_seq: 0, delivered_seq: 0 })).toEqual(read)
    const all = { room, read_seq: third, delivered_seq: third, unread: 0, head }
    expect(await marked(member, { read_seq: third })).toEqual(all)
    expect(await marked(member, { read_seq: Number.MAX_SAFE_INTEGER })).toEqual(all)
    expect(await get(app, owner, `/rooms/${room}/members/${member.id}`, Member)).toMatchObject({
      read_seq: third,
      delivered_seq: third,
    })
  })

  test('moved simultaneously, end at the highest number', async () => {
    const said: number[] = []
    for (let i = 0; i < 10; i++) said.push(await say(app, room, owner, `${i}`))
    const answers = await Promise.all(said.toReversed().map((seq) => marked(member, { read_seq: seq })))
    const last = said.at(-1) ?? 0
    expect(Math.max(...answers.map(({ read_seq }) => read_seq))).toBe(last)
    expect(await marked(member, { read_seq: 0 })).toMatchObject({ read_seq: last, unread: 0 })
  })

  test('are only for members, and accept only numbers', async () => {
    expectProblem(await put(outsider, { read_seq: 1 }), 404, 'not_found')
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await put(outsider, { read_seq: 1 }, open), 403, 'forbidden')
    expectProblem(await put(owner, { read_seq: 1 }, 987_654_321), 404, 'not_found')
    for (const field of ['read_seq', 'delivered_seq']) {
      for (const value of [-1, 1.5, '1', null, 2 ** 53, true, [], {}]) {
        expectProblem(await put(member, { [field]: value }), 400, 'invalid', { field })
      }
    }
    for (const json of [{}, { seq: 1 }, [], null]) expectProblem(await put(member, json), 400, 'invalid')
  })
})

describe('unread messages', () => {
  test('are the messages of others after the mark, per room; none once read', async () => {
    expect(await unread(member)).toEqual([])
    const direct = await makeDirect(app, owner, member)
    await say(app, room, member, 'my own')
    await say(app, room, owner, 'one')
    const head = await say(app, room, owner, 'two')
    const last = await say(app, direct, owner, 'for you')
    expect(await unread(member)).toEqual([
      { room, unread: 2, read_seq: expect.any(Number), head },
      { room: direct, unread: 1, read_seq: 0, head: last },
    ])
    expect(await unread(outsider)).toEqual([])
    for (const each of await unread(member)) {
      expect(await get(app, member, `/rooms/${each.room}`, Room)).toMatchObject({ unread: each.unread })
    }
    expect(await marked(member, { read_seq: head })).toMatchObject({ unread: 0 })
    expect((await unread(member)).map((each) => each.room)).toEqual([direct])
  })

  test('do not include deleted messages, nor those of a room that the user has left', async () => {
    await say(app, room, owner, 'one')
    const seq = await say(app, room, owner, 'two')
    expect(await unread(member)).toMatchObject([{ room, unread: 2 }])
    expect((await call(app, owner, 'DELETE', `/rooms/${room}/messages/${seq}`)).status).toBe(200)
    expect(await unread(member)).toMatchObject([{ room, unread: 1 }])
    expect((await call(app, member, 'DELETE', `/rooms/${room}/members/me`)).status).toBe(204)
    expect(await unread(member)).toEqual([])
  })
})

describe('presence', () => {
  const presence = (who: Person, of = room) => get(app, who, `/rooms/${of}/presence`, Presence)

  test('lists the members who are connected, to any room', async () => {
    expect(await presence(owner)).toEqual({ online: [], online_count: 0 })
    const [first, second] = [await connect(app, member), await connect(app, member)]
    const stranger = await connect(app, outsider)
    const online = [{ id: member.id, username: member.username }]
    expect(await presence(owner)).toEqual({ online, online_count: 1 })
    await first.close()
    expect(await presence(owner)).toEqual({ online, online_count: 1 })
    await second.close()
    await until(async () => (await presence(owner)).online_count === 0, 'the member to go')
    await stranger.close()
  })

  test('is for members', async () => {
    expectProblem(await call(app, outsider, 'GET', `/rooms/${room}/presence`), 404, 'not_found')
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await call(app, outsider, 'GET', `/rooms/${open}/presence`), 403, 'forbidden')
  })

  test('is a count in rooms past the list limit', async () => {
    const small = await startApp({ ROOM_LIST_LIMIT: '1' })
    const [one, two] = [await person(small), await person(small)]
    const crowd = await makeRoom(small, one, [two])
    const empty = await get(small, one, `/rooms/${crowd}/presence`, Presence)
    expect(empty).toEqual({ online: null, online_count: 0 })
    await small.close()
  })
})
