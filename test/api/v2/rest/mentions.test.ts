import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Marked, MentionPage, Message, Room, Sent, UnreadPage } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { exactly } from '../support/exact-shape.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { enter } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let [owner, member, other, outsider]: Person[] = []
let room: RoomId

beforeAll(async () => {
  app = await startApp({ ROOM_MENTION_LIMIT: '3', PRESENCE_GRACE_MS: '0' })
})
beforeEach(async () => {
  ;[owner, member, other, outsider] = await Promise.all(
    ['owner', 'member', 'other', 'outsider'].map((name) => person(app, name)),
  )
  room = await makeRoom(app, one(owner), [one(member), one(other)])
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

function one(who: Person | undefined): Person {
  if (who === undefined) throw new Error('there is nobody')
  return who
}
const ref = (who: Person | undefined) => ({ id: one(who).id, username: one(who).username })
const at = (who: Person | undefined) => `@${one(who).username}`
const post = async (who: Person | undefined, json: object, where: number = room) =>
  bodyOf(await call(app, one(who), 'POST', `/rooms/${where}/messages`, json), 201, Message)
const patch = async (who: Person | undefined, seq: number, json: object) =>
  bodyOf(await call(app, one(who), 'PATCH', `/rooms/${room}/messages/${seq}`, json), 200, Message)
const viewOf = (who: Person | undefined, where: number = room) => get(app, one(who), `/rooms/${where}`, Room)
const countOf = async (who: Person | undefined, where: number = room) =>
  (await viewOf(who, where)).mentions ?? 0
const pageOf = (who: Person | undefined, query = '') => get(app, one(who), `/mentions${query}`, MentionPage)

describe('mentions', () => {
  test('are found in the text, stored as they were, and counted apart from unread messages', async () => {
    const body = `hi ${at(member)}, ${at(member).toUpperCase()} and ${at(outsider)}. @nobody`
    const message = await post(owner, { body })
    expect(message.mentions).toEqual({ users: [ref(member)] })
    await post(owner, { body: 'no names' })
    expect(await viewOf(member)).toMatchObject({ unread: 2, mentions: 1 })
    expect(await viewOf(other)).not.toHaveProperty('mentions')
    expect(await countOf(owner)).toBe(0)
    const unread = await get(app, one(member), '/unread', UnreadPage)
    expect(unread.items).toMatchObject([{ room, unread: 2, mentions: 1 }])
    const mark = (read_seq: number) => call(app, one(member), 'PUT', `/rooms/${room}/marks`, { read_seq })
    expect(bodyOf(await mark(0), 200, Marked)).toMatchObject({ unread: 2, mentions: 1 })
    expect(bodyOf(await mark(message.seq), 200, Marked)).not.toHaveProperty('mentions')
    expect(await get(app, one(member), `/rooms/${room}/messages/${message.seq}`, Message)).toEqual(message)
  })

  test('are those that the client gives, if it gives any', async () => {
    const { id } = one(other)
    const given = await post(owner, {
      body: at(member),
      mentions: { users: [id, id, one(outsider).id, 999_999_999], room: true },
    })
    expect(given.mentions).toEqual({ users: [ref(other)], room: true })
    expect([await countOf(member), await countOf(other)]).toEqual([1, 1])
    const none = await post(owner, { body: `${at(member)} @room`, mentions: { users: [] } })
    expect(none).not.toHaveProperty('mentions')
    expect(await countOf(member)).toBe(1)
  })

  test('of @online reach those who are connected when it is sent', async () => {
    const device = await connect(app, one(member))
    await until(
      async () => (await app.chat.online.among([one(member).id])).size === 1,
      'the member to be online',
    )
    const message = await post(owner, { body: 'who is there, @online?' })
    expect(message.mentions).toEqual({ online: true })
    expect([await countOf(member), await countOf(other)]).toEqual([1, 0])
    expect(await device.heard('notify')).toEqual({
      type: 'notify',
      room,
      message: message.seq,
      reason: 'online',
      sender: ref(owner),
    })
  })

  test('of many members are for the staff alone in large rooms, and the answer says so', async () => {
    const large = await makeRoom(app, one(owner), [one(member), one(other), one(outsider)])
    const ignored = await post(member, { body: `@room @online and ${at(other)}` }, large)
    expect(ignored.mentions).toEqual({ users: [ref(other)], ignored: ['room', 'online'] })
    expect([await countOf(owner, large), await countOf(other, large)]).toEqual([0, 1])
    expect((await post(owner, { body: '@room' }, large)).mentions).toEqual({ room: true })
    expect([await countOf(member, large), await countOf(other, large)]).toEqual([1, 2])
    const direct = await makeDirect(app, one(owner), one(member))
    expect((await post(member, { body: '@room' }, direct)).mentions).toEqual({ room: true })
  })

  test('are those of the latest form, and whoever had it is not notified again', async () => {
    const [first, second] = [await connect(app, one(member)), await connect(app, one(other))]
    const { seq } = await post(owner, { body: at(member) })
    await first.heard('notify')
    const edited = await patch(owner, seq, { body: `${at(member)} ${at(other)}` })
    expect(edited.mentions).toEqual({ users: [ref(member), ref(other)] })
    expect(await second.heard('notify')).toMatchObject({ message: seq, reason: 'mention' })
    expect((await patch(owner, seq, { body: at(other) })).mentions).toEqual({ users: [ref(other)] })
    expect([await countOf(member), await countOf(other)]).toEqual([0, 1])
    expect(await patch(owner, seq, { body: 'nobody' })).not.toHaveProperty('mentions')
    expect(await countOf(other)).toBe(0)
    await patch(owner, seq, { body: 'all', mentions: { users: [], room: true } })
    expect([await countOf(member), await countOf(other)]).toEqual([1, 1])
    await call(app, one(owner), 'DELETE', `/rooms/${room}/messages/${seq}`)
    expect([await countOf(member), await countOf(other)]).toEqual([0, 0])
    await post(owner, { body: `the last ${at(member)}` })
    await first.heard('notify', ({ message: last }) => last > seq + 5)
    expect(first.all('notify').map(({ reason }) => reason)).toEqual(['mention', 'room', 'mention'])
  })

  test('notify connections that do not hear the room, and no others', async () => {
    const [deaf, hearing, own] = await Promise.all(
      [member, member, owner].map((who) => connect(app, one(who))),
    )
    if (deaf === undefined || hearing === undefined || own === undefined) throw new Error('nobody came')
    await enter(hearing, room)
    own.askAs({
      type: 'send',
      id: 1,
      room,
      body: `${at(member)} @room ${at(owner)}`,
      client_id: crypto.randomUUID(),
    })
    const { data } = await own.heard('result', ({ id }) => id === 1)
    const sent = exactly(Sent).parse(data)
    expect(sent.mentions).toEqual({ users: [ref(member), ref(owner)], room: true })
    expect(await deaf.heard('notify')).toEqual({
      type: 'notify',
      room,
      message: sent.seq,
      reason: 'mention',
      sender: ref(owner),
    })
    await hearing.heard('message', ({ seq }) => seq === sent.seq)
    await post(owner, { body: 'the end' })
    await hearing.heard('message', ({ message }) => message.body === 'the end')
    expect([hearing.all('notify'), own.all('notify'), deaf.all('notify').length]).toEqual([[], [], 1])
  })

  test('keep the order of one sender', async () => {
    const client = await connect(app, one(owner))
    const bodies = Array.from({ length: 60 }, (_, n) =>
      n % 3 === 0 ? `${n} ${at(member)} @online @room` : `${n}`,
    )
    for (const [id, body] of bodies.entries()) client.askAs({ type: 'send', id: id + 1, room, body })
    await client.heard('result', ({ id }) => id === bodies.length)
    const { messages } = await app.chat.messages.history({ id: room }, one(owner), 'latest', 60)
    expect(messages.map(({ body }) => body)).toEqual(bodies)
  })

  test('are listed over all rooms that the caller is in, the latest first', async () => {
    const second = await makeRoom(app, one(owner), [one(member)], 'public')
    const sent: number[] = []
    for (let n = 0; n < 5; n++)
      sent.unshift(
        (await post(owner, { body: `${n} ${n % 2 === 0 ? at(member) : '@room'}` }, n % 2 ? room : second)).id,
      )
    const first = await pageOf(member, '?limit=2')
    const rest = await pageOf(member, `?limit=3&cursor=${first.next}`)
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(sent)
    await app.chat.membership.remove({ id: second }, one(owner), one(member).id)
    expect((await pageOf(member)).items.map(({ room: where }) => where)).toEqual([room, room])
    expect((await pageOf(outsider)).items).toEqual([])
    expectProblem(await call(app, null, 'GET', '/mentions'), 401, 'unauthenticated')
    expectProblem(await call(app, one(member), 'GET', '/mentions?cursor=x'), 400, 'invalid', {
      field: 'cursor',
    })
  })

  test('are refused in other forms', async () => {
    const refused = async (mentions: unknown, field: string) =>
      expectProblem(
        await call(app, one(owner), 'POST', `/rooms/${room}/messages`, { body: 'x', mentions }),
        400,
        'invalid',
        { field },
      )
    await refused({ users: Array.from({ length: 51 }, (_, n) => n + 1) }, 'mentions')
    await refused({ users: ['1'] }, 'mentions')
    await refused({ users: [], room: 'yes' }, 'mentions')
    await refused('all', 'mentions')
  })
})
