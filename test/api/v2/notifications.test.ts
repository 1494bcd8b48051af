// What users want to be notified of: private, the same on all devices, and heeded by mentions.
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { Notifications, PrivatePage, Sent } from '../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../src/core/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { bodyOf, call, expectProblem, get } from './rest/support/client.ts'
import { makeRoom, type Person, person } from './support/people.ts'
import { connect, type V2Client } from './support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: RoomId
let device: V2Client
let sender: V2Client

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
  device = await connect(app, member)
  sender = await connect(app, owner)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

const pathOf = (seq?: number) =>
  seq === undefined ? `/rooms/${room}/notifications` : `/rooms/${room}/messages/${seq}/thread/notifications`
const put = async (json: object, seq?: number) =>
  bodyOf(await call(app, member, 'PUT', pathOf(seq), json), 200, Notifications)
const send = async (body: string, reply_to?: number) =>
  sender.result({ type: 'send', room, body, ...(reply_to === undefined ? {} : { reply_to }) }, Sent)
const none = { thread: null, private_seq: 0, level: null, muted_until: null }

test('are kept for each room, and come to all devices', async () => {
  expect(await get(app, member, pathOf(), Notifications)).toEqual({ room, ...none })
  await device.ask({ type: 'private' })
  const muted_until = '2100-01-01T00:00:00.000Z'
  const set = await put({ level: 'mentions', muted_until })
  expect(set).toEqual({ room, thread: null, private_seq: 1, level: 'mentions', muted_until })
  expect(await put({ level: 'mentions', muted_until: '2100-01-01T01:00:00+01:00' })).toEqual(set)
  const frame = await device.heard('private')
  expect(frame.entries).toEqual([{ type: 'notifications', ...set }])
  expect(await get(app, member, pathOf(), Notifications)).toEqual(set)
  const usual = await device.result({ type: 'notifications', room, level: 'all' }, Notifications)
  expect(usual).toEqual({ room, ...none, private_seq: 2 })
  const { items } = await get(app, member, '/me/private', PrivatePage)
  expect(items).toEqual([{ type: 'notifications', ...usual }])
  expect((await get(app, owner, '/me/private', PrivatePage)).items).toEqual([])
})

test('decide who is notified of a mention', async () => {
  const name = `@${member.username}`
  const heard = async (wanted: boolean, reply?: number) => {
    const from = device.frames.length
    const { seq } = await send(`${name} and @room`, reply)
    // The second one is heard in any case: then the first one would have been heard, too.
    await put({ level: 'all' })
    const after = await send(name)
    await device.heard('notify', (frame) => frame.message === after.seq, from)
    expect(device.all('notify', from).some((frame) => frame.message === seq)).toBe(wanted)
    return seq
  }
  const root = await heard(true)
  await put({ level: 'none' })
  await heard(false)
  await put({ level: 'mentions' })
  await heard(true)
  await put({ level: 'all', muted_until: '2100-01-01T00:00:00.000Z' })
  await heard(false)
  for (const past of ['2001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z']) {
    await put({ level: 'all', muted_until: past })
    await heard(true)
  }
  await put({ level: 'all', muted_until: '9999-12-31T23:59:59.999Z' })
  await heard(false)

  const reply = await heard(true, root)
  expect(await put({ level: 'none' }, reply)).toMatchObject({ thread: root, level: 'none' })
  await heard(false, root)
  await heard(false, reply)
  await heard(true)
  expect(await put({ level: 'all' }, root)).toMatchObject({ thread: root, level: 'all' })
  await put({ level: 'none' })
  await heard(true, reply)
  const unset = await call(app, member, 'DELETE', pathOf(reply))
  expect(bodyOf(unset, 200, Notifications)).toMatchObject({ thread: root, level: null })
  await put({ level: 'none' })
  await heard(false, root)
})

test('end with the membership', async () => {
  await put({ level: 'none' })
  await app.chat.membership.leave({ id: room }, member)
  expectProblem(await call(app, member, 'GET', pathOf()), 404, 'not_found')
  await app.chat.membership.invite({ id: room }, owner, [member.id])
  await app.chat.membership.join({ id: room }, member)
  expect(await get(app, member, pathOf(), Notifications)).toMatchObject({ level: null })
})

test('are refused to others, and in other forms', async () => {
  for (const [method, json] of [
    ['GET', undefined],
    ['PUT', { level: 'all' }],
  ] as const) {
    expectProblem(await call(app, outsider, method, pathOf(), json), 404, 'not_found')
    expectProblem(await call(app, outsider, method, pathOf(1), json), 404, 'not_found')
    expectProblem(await call(app, member, method, pathOf(999), json), 404, 'not_found')
    expectProblem(await call(app, null, method, pathOf(), json), 401, 'unauthenticated')
  }
  for (const muted_until of [
    '',
    'tomorrow',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00+01:00',
    '2026-02-13',
    `${'9'.repeat(9000)}`,
    '2026-02-13T10:00:00',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
  ])
    expectProblem(await call(app, member, 'PUT', pathOf(), { level: 'all', muted_until }), 400, 'invalid', {
      field: 'muted_until',
    })
  expectProblem(await call(app, member, 'PUT', pathOf(), { level: 'some' }), 400, 'invalid', {
    field: 'level',
  })
  expectProblem(await call(app, member, 'PUT', pathOf(), {}), 400, 'invalid', { field: 'level' })
})
