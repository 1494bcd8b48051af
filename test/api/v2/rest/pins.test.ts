import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  ChangesPage,
  Message,
  MessagePage,
  Pinned,
  PinnedPage,
  Room,
  Snapshot,
} from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, eventsIn, reached } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: RoomId
let message: number

beforeAll(async () => {
  app = await startApp({ MAX_PINS: '3' })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
  message = await say(app, room, member, 'words')
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

const pathOf = (at: number | string, where: number = room) => `/rooms/${where}/messages/${at}/pin`
const put = (who: Person | null, at: number | string = message, where: number = room) =>
  call(app, who, 'PUT', pathOf(at, where))
const remove = (who: Person | null, at: number | string = message, where: number = room) =>
  call(app, who, 'DELETE', pathOf(at, where))
const pins = (who: Person, query = '') => get(app, who, `/rooms/${room}/pins${query}`, PinnedPage)
const pinnedOf = async (who: Person) =>
  (await get(app, who, `/rooms/${room}/messages/${message}`, Message)).pinned
const ref = ({ id, username }: Person) => ({ id, username })

describe('pinning', () => {
  test('responds with the number from which on it is shown, and shows it everywhere', async () => {
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    const first = bodyOf(await put(owner), 200, Pinned)
    expect(first).toEqual({ room, seq: message, on: true, shown_at: head + 1 })
    const pinned = { by: ref(owner), at: expect.any(String) }
    for (const who of [owner, member]) {
      expect(await pinnedOf(who)).toEqual(pinned)
      const { items } = await get(app, who, `/rooms/${room}/messages`, MessagePage)
      expect(items.at(-1)?.pinned).toEqual(pinned)
      const { messages } = await get(app, who, `/rooms/${room}/snapshot`, Snapshot)
      expect(messages.at(-1)?.pinned).toEqual(pinned)
      expect((await pins(who)).items).toMatchObject([{ seq: message, body: 'words', pinned }])
    }
    const changes = await get(app, member, `/rooms/${room}/changes?after=${head}`, ChangesPage)
    const event = { type: 'pin', room, seq: head + 1, message, on: true, actor: ref(owner) }
    expect(changes).toMatchObject({ items: [event], head: head + 1 })
  })

  test('may be repeated, and taken back, which may be repeated too', async () => {
    const first = bodyOf(await put(owner), 200, Pinned)
    expect(bodyOf(await put(owner), 200, Pinned)).toEqual(first)
    const taken = bodyOf(await remove(owner), 200, Pinned)
    expect(taken).toEqual({ room, seq: message, on: false, shown_at: first.shown_at + 1 })
    expect(bodyOf(await remove(owner), 200, Pinned)).toEqual(taken)
    expect(await pinnedOf(owner)).toBeUndefined()
    expect((await pins(owner)).items).toEqual([])
  })

  test('ends with the message, whose place is free again', async () => {
    const others = [await say(app, room, member, 'one'), await say(app, room, member, 'two')]
    for (const at of [message, ...others]) bodyOf(await put(owner, at), 200, Pinned)
    const more = await say(app, room, member, 'three')
    expectProblem(await put(owner, more), 409, 'conflict')
    bodyOf(await put(owner), 200, Pinned)
    bodyOf(await call(app, member, 'DELETE', `/rooms/${room}/messages/${message}`), 200, Message)
    expect(await pinnedOf(owner)).toBeUndefined()
    expect((await pins(owner)).items.map(({ seq }) => seq)).toEqual(others.toReversed())
    for (const answer of [await put(owner), await remove(owner)]) expectProblem(answer, 404, 'not_found')
    bodyOf(await put(owner, more), 200, Pinned)
  })

  test('lists the latest pinned first, in pages', async () => {
    const others = [await say(app, room, member, 'one'), await say(app, room, member, 'two')]
    for (const at of [others[1] ?? 0, message, others[0] ?? 0]) bodyOf(await put(owner, at), 200, Pinned)
    const first = await pins(member, '?limit=2')
    expect(first.items.map(({ seq }) => seq)).toEqual([others[0] ?? 0, message])
    const second = await pins(member, `?limit=2&cursor=${first.next}`)
    expect([second.items.map(({ seq }) => seq), second.next]).toEqual([[others[1] ?? 0], null])
    for (const query of ['?limit=0', '?limit=201', '?limit=x', '?cursor=x']) {
      expectProblem(await call(app, owner, 'GET', `/rooms/${room}/pins${query}`), 400, 'invalid')
    }
  })
})

describe('who may pin', () => {
  test('the staff of a room, and no other member', async () => {
    for (const act of [put, remove]) {
      expectProblem(await act(member), 403, 'forbidden')
      expectProblem(await act(outsider), 404, 'not_found')
      expectProblem(await act(null), 401, 'unauthenticated')
    }
    await app.chat.membership.setRole({ id: room }, owner, member.id, 'admin')
    bodyOf(await put(member), 200, Pinned)
    await app.chat.membership.setRole({ id: room }, owner, member.id, 'member')
    expectProblem(await remove(member), 403, 'forbidden')
    expectProblem(await call(app, outsider, 'GET', `/rooms/${room}/pins`), 404, 'not_found')
    expectProblem(await call(app, null, 'GET', `/rooms/${room}/pins`), 401, 'unauthenticated')
    await app.chat.membership.invite({ id: room }, owner, [outsider.id])
    expectProblem(await put(outsider), 403, 'forbidden')
    expectProblem(await call(app, outsider, 'GET', `/rooms/${room}/pins`), 403, 'forbidden')
  })

  test('in a public room, outsiders read the pins and pin nothing', async () => {
    const open = await makeRoom(app, owner, [], 'public')
    const said = await say(app, open, owner, 'words')
    bodyOf(await put(owner, said, open), 200, Pinned)
    expect((await get(app, outsider, `/rooms/${open}/pins`, PinnedPage)).items).toHaveLength(1)
    expectProblem(await put(outsider, said, open), 403, 'forbidden')
  })

  test('both users of a direct chat, unless one blocks the other', async () => {
    const direct = await makeDirect(app, owner, member)
    const said = await say(app, direct, owner, 'words')
    bodyOf(await put(member, said, direct), 200, Pinned)
    bodyOf(await remove(owner, said, direct), 200, Pinned)
    expectProblem(await put(outsider, said, direct), 404, 'not_found')
    expectDone(await call(app, owner, 'PUT', `/me/blocks/${member.id}`))
    for (const who of [owner, member]) expectProblem(await put(who, said, direct), 403, 'blocked')
  })

  test('nobody who is muted or banned, whatever their role was', async () => {
    await app.chat.membership.setRole({ id: room }, owner, member.id, 'admin')
    expectDone(await call(app, owner, 'PUT', `/rooms/${room}/mutes/${member.id}`, {}))
    for (const act of [put, remove]) expectProblem(await act(member), 403, 'muted')
    expectDone(await call(app, owner, 'PUT', `/rooms/${room}/bans/${member.id}`, {}))
    for (const act of [put, remove]) expectProblem(await act(member), 404, 'not_found')
    expect((await pins(owner)).items).toEqual([])
  })

  test('there is nothing to pin where there is no message', async () => {
    for (const at of [message + 1, 1, 0, -1, 'x', '1e3', 2 ** 53]) {
      for (const act of [put, remove]) expectProblem(await act(owner, at), 404, 'not_found')
    }
    expectProblem(await put(owner, 1, 987_654_321), 404, 'not_found')
  })
})

describe('over the socket', () => {
  test('a pin is answered and told to everyone, live and to those who come back', async () => {
    const [one, other] = await Promise.all([connect(app, owner), connect(app, member)])
    for (const client of [one, other]) await enter(client, room)
    const request = { type: 'pin', room, seq: message } as const
    const on = await one.result({ ...request, on: true }, Pinned)
    expect(on).toMatchObject({ room, seq: message, on: true })
    expect(await one.result({ ...request, on: true }, Pinned)).toEqual(on)
    const off = await one.result({ ...request, on: false }, Pinned)
    expect(off.shown_at).toBe(on.shown_at + 1)
    const told = (client: typeof one) =>
      eventsIn(client, room).flatMap((event) => (event.type === 'pin' ? [[event.seq, event.on]] : []))
    for (const client of [one, other]) {
      await reached(client, room, off.shown_at)
      expect(told(client)).toEqual([
        [on.shown_at, true],
        [off.shown_at, false],
      ])
    }
    const late = await connect(app, member)
    await enter(late, room, on.shown_at - 1)
    await reached(late, room, off.shown_at)
    expect(told(late)).toEqual([[off.shown_at, false]])
    await Promise.all([one, other, late].map((client) => client.close()))
  })

  test('requests of wrong types, and by others than the staff, are refused', async () => {
    const client = await connect(app, member)
    const good = { type: 'pin', id: 1, room, seq: message, on: true }
    for (const wrong of [{ on: 'true' }, { on: undefined }, { seq: '7' }, { seq: 0.5 }, { room: -1 }]) {
      const from = client.frames.length
      client.expectAnswer(1)
      client.send({ ...good, ...wrong })
      expect(await client.heard('error', () => true, from)).toMatchObject({ id: 1, code: 'invalid' })
    }
    const from = client.frames.length
    client.expectAnswer(1)
    client.send(good)
    expect(await client.heard('error', () => true, from)).toMatchObject({ id: 1, code: 'forbidden' })
    await client.close()
  })
})
