import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Marked } from '../../../../src/api/v2/wire/index.ts'
import { seq as place } from '../../../core/fakes/values.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, reached } from '../support/rooms.ts'
import { connect, type Frame, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person

beforeAll(async () => {
  app = await startApp()
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('the state of a room follows once it is live: own marks, unread count, everyone’s marks', async () => {
  const room = await makeRoom(app, owner, [member])
  for (let n = 0; n < 5; n++) await say(app, room, owner, `${n}`)
  await say(app, room, member, 'mine')
  await app.chat.membership.mark(room, member, { readSeq: place(5) })
  const client = await connect(app, member)
  const { live, state } = await enter(client, room, 8)
  expect(client.frames.indexOf(state)).toBeGreaterThan(client.frames.indexOf(live))
  expect(state).toEqual({
    type: 'state',
    room,
    head: 9,
    read_seq: 5,
    delivered_seq: 5,
    unread: 3,
    marks: [
      { user: owner.id, read_seq: 1, delivered_seq: 1 },
      { user: member.id, read_seq: 5, delivered_seq: 5 },
    ],
    online: [member.id],
    online_count: 1,
  })
  await client.close()
})

describe('moved marks', () => {
  test('are sent to everyone in the room, including the user’s other connections', async () => {
    const room = await makeRoom(app, owner, [member])
    const seq = await say(app, room, owner, 'read this')
    const clients = await Promise.all([connect(app, member), connect(app, member), connect(app, owner)])
    const [client] = clients
    for (const each of clients) await enter(each, room)
    await client.result({ type: 'delivered', room, seq }, Marked)
    await client.result({ type: 'read', room, seq }, Marked)
    for (const each of clients) {
      await each.heard('marks', ({ read_seq }) => read_seq === seq)
      expect(each.all('marks')).toEqual([
        { type: 'marks', room, user: member.id, read_seq: 3, delivered_seq: seq },
        { type: 'marks', room, user: member.id, read_seq: seq, delivered_seq: seq },
      ])
    }
    // What moves nothing is told to nobody.
    await client.result({ type: 'read', room, seq: 2 }, Marked)
    await client.result({ type: 'delivered', room, seq }, Marked)
    const next = await say(app, room, owner, 'read this, too')
    await client.result({ type: 'read', room, seq: next }, Marked)
    for (const each of clients) {
      await each.heard('marks', ({ read_seq }) => read_seq === next)
      expect(each.all('marks')).toHaveLength(3)
      await each.close()
    }
  })

  test('are sent in a direct chat as well', async () => {
    const room = await makeDirect(app, owner, member)
    const seq = await say(app, room, owner, 'hello')
    const [client, other] = [await connect(app, member), await connect(app, owner)]
    await enter(client, room)
    await enter(other, room)
    await client.ask({ type: 'read', room, seq })
    expect(await other.heard('marks')).toMatchObject({ user: member.id, read_seq: seq, delivered_seq: seq })
    await Promise.all([client.close(), other.close()])
  })

  test('arrive in the order in which they moved, also in bursts', async () => {
    const room = await makeRoom(app, owner, [member])
    const [client, other] = [await connect(app, member), await connect(app, owner)]
    await enter(client, room)
    await enter(other, room)
    let last = 0
    for (let n = 0; n < 100; n++) {
      last = await say(app, room, owner, `${n}`)
      client.askAs({ type: n % 2 === 0 ? 'delivered' : 'read', id: `mark ${n}`, room, seq: last })
    }
    await client.until(() => client.unanswered === 0, 'all answers')
    await other.heard('marks', ({ read_seq }) => read_seq === last)
    for (const each of [client, other]) expectForward(each.all('marks'))
    await Promise.all([client.close(), other.close()])
  })

  test('are not missed by new subscribers: the state contains them, or a later frame', async () => {
    const room = await makeRoom(app, owner, [member])
    const reader = await connect(app, member)
    let last = 0
    for (let round = 0; round < 20; round++) {
      last = await say(app, room, owner, `${round}`)
      reader.askAs({ type: 'read', id: `read ${round}`, room, seq: last })
      const client = await connect(app, owner)
      await enter(client, room, last)
      await client.until(() => knownMark(client) === last, 'the mark')
      await client.close()
    }
    await reader.close()
  })
})

describe('in a room past the list limit', () => {
  let large: TestApp
  beforeAll(async () => {
    large = await startApp({ DATABASE_URL: app.databaseUrl, ROOM_LIST_LIMIT: '1' })
  })
  afterAll(() => large.close())

  test('marks are sent only to the user’s own connections, and lists are counts', async () => {
    const room = await makeRoom(large, owner, [member])
    const seq = await say(large, room, owner, 'read this')
    const clients = await Promise.all([connect(large, member), connect(large, member), connect(large, owner)])
    const [client, device, other] = clients
    const away = await connect(large, member)
    for (const each of clients) {
      const { answer, state } = await enter(each, room)
      expect(answer.snapshot?.members).toBeNull()
      expect([state.marks, state.online]).toEqual([null, null])
      expect(state.online_count).toBeGreaterThan(0)
    }
    await client.result({ type: 'read', room, seq }, Marked)
    for (const each of [client, device]) {
      expect(await each.heard('marks')).toEqual({
        type: 'marks',
        room,
        user: member.id,
        read_seq: seq,
        delivered_seq: seq,
      })
    }
    const next = await say(large, room, owner, 'and on')
    await reached(other, room, next)
    await away.settled()
    for (const each of [other, away]) expect(each.all('marks')).toEqual([])
    for (const each of [...clients, away]) await each.close()
  })

  test('a small room is not affected', async () => {
    const room = await makeRoom(large, owner)
    const client = await connect(large, owner)
    const { answer, state } = await enter(client, room)
    expect(answer.snapshot?.members).toHaveLength(1)
    expect(state.marks).toHaveLength(1)
    expect(state.online).toEqual([owner.id])
    await client.close()
  })
})

function expectForward(marks: readonly Frame<'marks'>[]): void {
  marks.forEach(({ read_seq, delivered_seq }, i) => {
    const before = marks[i - 1]
    expect(delivered_seq).toBeGreaterThanOrEqual(read_seq)
    if (before === undefined) return
    expect(read_seq + delivered_seq).toBeGreaterThan(before.read_seq + before.delivered_seq)
  })
}

/** Up to where the client knows that the member has read. */
function knownMark(client: V2Client): number {
  const told = client.all('marks').map(({ read_seq }) => read_seq)
  const found = client
    .all('state')
    .flatMap(({ marks }) => marks?.find(({ user }) => user === member.id) ?? [])
  return Math.max(0, ...told, ...found.map(({ read_seq }) => read_seq))
}
