import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  AuditPage,
  BlockPage,
  ChangesPage,
  Message,
  Reacted,
  Report,
  Reported,
  ReportPage,
  RestrainedPage,
  Room,
} from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { upload } from '../support/files.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'
import { walk } from './support/walk.ts'

let app: TestApp
let owner: Person
let admin: Person
let member: Person
let other: Person
let outsider: Person
let room: RoomId
let message: number

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  admin = await person(app, 'admin')
  member = await person(app, 'member')
  other = await person(app, 'other')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [admin, member, other], 'public')
  await app.chat.membership.setRole({ id: room }, owner, admin.id, 'admin')
  message = await say(app, room, member, 'words')
})
afterAll(() => app.close())

const hour = () => new Date(Date.now() + 3_600_000).toISOString()
const at = (path: string, where: number = room) => `/rooms/${where}${path}`
const ban = (who: Person, whom: Person, json: object = {}, where: number = room) =>
  call(app, who, 'PUT', at(`/bans/${whom.id}`, where), json)
const unban = (who: Person, whom: Person) => call(app, who, 'DELETE', at(`/bans/${whom.id}`))
const mute = (who: Person, whom: Person, json: object = {}) =>
  call(app, who, 'PUT', at(`/mutes/${whom.id}`), json)
const unmute = (who: Person, whom: Person) => call(app, who, 'DELETE', at(`/mutes/${whom.id}`))
const post = (who: Person, where: number = room) =>
  call(app, who, 'POST', at('/messages', where), { body: 'words' })
const join = (who: Person) => call(app, who, 'PUT', at('/members/me'))
const ref = ({ id, username }: Person) => ({ id, username })

describe('a ban', () => {
  test('ends the membership, and keeps the user from everything in a public room, with the reason for the staff', async () => {
    const until = hour()
    expectDone(await ban(admin, member, { reason: 'spam', until }))
    const page = await get(app, admin, at('/bans'), RestrainedPage)
    expect(page.items).toMatchObject([{ user: ref(member), actor: ref(admin), reason: 'spam', until }])
    const refused = [
      await join(member),
      await post(member),
      await call(app, member, 'GET', at('/messages')),
      await call(app, member, 'GET', at(`/messages/${message}`)),
      await call(app, member, 'PATCH', at(`/messages/${message}`), { body: 'others' }),
      await call(app, member, 'DELETE', at(`/messages/${message}`)),
      await call(app, member, 'GET', at('/changes')),
      await call(app, member, 'GET', at('/members')),
      await call(app, member, 'GET', at(`/messages/${message}/reactions`)),
      await call(app, member, 'POST', at(`/messages/${message}/report`), { reason: '' }),
      await call(app, member, 'POST', at('/invitations'), { users: [outsider.id] }),
      await call(app, member, 'GET', at('/presence')),
    ]
    const ofMembers = [
      await call(app, member, 'PUT', at(`/messages/${message}/reactions/a`)),
      await call(app, member, 'PUT', at('/marks'), { read_seq: 1 }),
      await call(app, member, 'PUT', at('/marks/unread'), { seq: 1 }),
      await call(app, member, 'PUT', at(`/messages/${message}/thread/follow`)),
      await call(app, member, 'PUT', at('/notifications'), { level: 'none' }),
      await call(app, member, 'PUT', `/me/drafts/${room}`, { text: 'a' }),
      await call(app, member, 'PUT', `/me/saved/${room}/${message}`),
      await call(app, member, 'POST', at('/ephemeral'), { user: owner.id, body: 'a' }),
      await upload(app, member, room, 'x'),
    ]
    for (const [index, answer] of [...refused, ...ofMembers].entries()) {
      expect([index, answer.json]).toMatchObject([index, { status: 403, code: 'banned' }])
    }
    const problem = expectProblem(await join(member), 403, 'banned', { retryable: false })
    expect(problem.retry_after_ms).toBeWithin(3_500_000, 3_600_001)
    expectProblem(await call(app, member, 'GET', at('/messages')), 403, 'banned')
    // That the room exists, everyone may know.
    expect(await get(app, member, at(''), Room)).toMatchObject({ role: null, invited: false })
    expectDone(await unban(admin, member))
    expectProblem(await unban(admin, member), 404, 'not_found')
    bodyOf(await join(member), 200, Room)
    bodyOf(await post(member), 201, Message)
  })

  test('keeps an outsider out of a private room, also with an invitation, and tells them nothing', async () => {
    const hidden = await makeRoom(app, owner, [member])
    await app.chat.membership.invite({ id: hidden }, member, [outsider.id])
    expectDone(await ban(owner, outsider, {}, hidden))
    expectProblem(await call(app, outsider, 'PUT', at('/members/me', hidden)), 404, 'not_found')
    expectProblem(await call(app, outsider, 'GET', at('', hidden)), 404, 'not_found')
    for (const inviter of [member, owner]) {
      const invited = call(app, inviter, 'POST', at('/invitations', hidden), { users: [outsider.id] })
      expectProblem(await invited, 403, 'forbidden')
    }
  })

  test('is for the staff, of those below them', async () => {
    for (const who of [member, outsider]) expectProblem(await ban(who, other), 403, 'forbidden')
    for (const whom of [owner, admin]) expectProblem(await ban(admin, whom), 403, 'forbidden')
    expectProblem(await ban(owner, owner), 403, 'forbidden')
    expectProblem(await call(app, owner, 'PUT', at('/bans/me'), {}), 403, 'forbidden')
    expectProblem(await call(app, null, 'PUT', at(`/bans/${other.id}`), {}), 401, 'unauthenticated')
    expectProblem(await call(app, owner, 'PUT', at('/bans/987654321'), {}), 404, 'not_found')
    const direct = await makeDirect(app, owner, other)
    expectProblem(await ban(owner, other, {}, direct), 403, 'forbidden')
    expectDone(await ban(owner, admin))
    // One who is demoted may not any more.
    await app.chat.membership.setRole({ id: room }, owner, other.id, 'admin')
    expectDone(await ban(other, outsider))
    await app.chat.membership.setRole({ id: room }, owner, other.id, 'member')
    expectProblem(await unban(other, outsider), 403, 'forbidden')
  })

  test('is refused if it is not well formed', async () => {
    for (const until of [
      'yesterday',
      '2026-02-14',
      '2026-02-14T10:00:00',
      7,
      '2020-01-01T00:00:00Z',
      '9999-12-31T23:59:59-14:00',
      '',
    ]) {
      expectProblem(await ban(owner, member, { until }), 400, 'invalid', { field: 'until' })
    }
    for (const reason of ['x'.repeat(501), 'a\0b', 7, null]) {
      expectProblem(await ban(owner, member, { reason }), 400, 'invalid', { field: 'reason' })
    }
    expectDone(await ban(owner, member, { reason: '🎈'.repeat(500), until: '9999-12-31T23:59:59.999+01:00' }))
  })
})

describe('a mute', () => {
  test('lets a member neither send, edit nor react, and still read, leave and delete', async () => {
    const until = hour()
    const extra = await say(app, room, member, 'more')
    expectDone(await mute(admin, member, { reason: 'shouting', until }))
    const problem = expectProblem(await post(member), 403, 'muted', { retryable: false })
    expect(problem.retry_after_ms).toBeWithin(3_500_000, 3_600_001)
    const edit = await call(app, member, 'PATCH', at(`/messages/${message}`), { body: 'others' })
    expectProblem(edit, 403, 'muted')
    expectProblem(await call(app, member, 'PUT', at(`/messages/${message}/reactions/a`)), 403, 'muted')
    expectProblem(await upload(app, member, room, 'x'), 403, 'muted')
    expect(await get(app, member, at(''), Room)).toMatchObject({ role: 'member', muted: { until } })
    expect((await get(app, other, at(''), Room)).muted).toBeUndefined()
    bodyOf(await call(app, member, 'GET', at(`/messages/${message}`)), 200, Message)
    bodyOf(await call(app, member, 'DELETE', at(`/messages/${extra}`)), 200, Message)
    const { items } = await get(app, owner, at('/mutes'), RestrainedPage)
    expect(items).toMatchObject([{ user: ref(member), actor: ref(admin), reason: 'shouting', until }])
    expectDone(await unmute(owner, member))
    expectProblem(await unmute(owner, member), 404, 'not_found')
    bodyOf(await post(member), 201, Message)
  })

  test('is for members, by the staff above them', async () => {
    for (const who of [member, outsider]) expectProblem(await mute(who, other), 403, 'forbidden')
    for (const whom of [owner, admin]) expectProblem(await mute(admin, whom), 403, 'forbidden')
    expectProblem(await mute(owner, outsider), 404, 'not_found')
    expectDone(await mute(owner, admin))
    expectProblem(await post(admin), 403, 'muted')
    expectProblem(await unmute(admin, admin), 403, 'forbidden')
  })
})

describe('the rules of a room', () => {
  test('say who may post', async () => {
    const changed = await call(app, admin, 'PATCH', at(''), { posting: 'staff' })
    expect(bodyOf(changed, 200, Room)).toMatchObject({ posting: 'staff', slow_mode: 0 })
    expectProblem(await post(member), 403, 'posting_restricted')
    expectProblem(await upload(app, member, room, 'x'), 403, 'posting_restricted')
    bodyOf(await post(admin), 201, Message)
    // Reading and reacting stay as they are.
    bodyOf(await call(app, member, 'PUT', at(`/messages/${message}/reactions/a`)), 200, Reacted)
    await call(app, owner, 'PATCH', at(''), { posting: 'everyone', description: 'open again' })
    expect(await get(app, member, at(''), Room)).toMatchObject({
      posting: 'everyone',
      description: 'open again',
    })
    bodyOf(await post(member), 201, Message)
  })

  test('say how often a member may post', async () => {
    await call(app, owner, 'PATCH', at(''), { slow_mode: 600 })
    bodyOf(await post(member), 201, Message)
    const problem = expectProblem(await post(member), 429, 'slow_mode')
    expect(problem.retry_after_ms).toBeWithin(500_000, 600_001)
    bodyOf(await post(other), 201, Message)
    for (const who of [owner, admin, owner, admin]) bodyOf(await post(who), 201, Message)
  })

  test('are changed by the staff alone, within their bounds', async () => {
    for (const who of [member, outsider]) {
      expectProblem(await call(app, who, 'PATCH', at(''), { posting: 'staff' }), 403, 'forbidden')
    }
    const wrong = [{ posting: 'nobody' }, { slow_mode: -1 }, { slow_mode: 21_601 }, { slow_mode: 1.5 }, {}]
    for (const json of wrong) expectProblem(await call(app, owner, 'PATCH', at(''), json), 400, 'invalid')
    const direct = await makeDirect(app, owner, member)
    const closed = await call(app, owner, 'PATCH', at('', direct), { posting: 'staff' })
    expectProblem(closed, 403, 'forbidden')
  })
})

describe('reports', () => {
  const report = (who: Person, seq = message, reason: unknown = 'spam') =>
    call(app, who, 'POST', at(`/messages/${seq}/report`), { reason })

  test('go from members to the staff, once for each member and message', async () => {
    const first = bodyOf(await report(other), 201, Reported)
    expect(bodyOf(await report(other, message, 'again'), 201, Reported)).toEqual(first)
    bodyOf(await report(member), 201, Reported)
    expectProblem(await report(outsider), 403, 'forbidden')
    expectProblem(await report(other, 9999), 404, 'not_found')
    expectProblem(await report(other, message, 'x'.repeat(501)), 400, 'invalid', { field: 'reason' })
    for (const who of [member, outsider]) {
      expectProblem(await call(app, who, 'GET', at('/reports')), 403, 'forbidden')
      const close = await call(app, who, 'PUT', at(`/reports/${first.report}`), { outcome: 'acted' })
      expectProblem(close, 403, 'forbidden')
    }
    const { items } = await get(app, admin, at('/reports'), ReportPage)
    expect(items).toMatchObject([
      { id: first.report, seq: message, reporter: ref(other), reason: 'spam', resolved: null },
      { seq: message, reporter: ref(member) },
    ])
    const path = at(`/reports/${first.report}`)
    const closed = bodyOf(await call(app, admin, 'PUT', path, { outcome: 'dismissed' }), 200, Report)
    expect(closed.resolved).toMatchObject({ by: ref(admin), outcome: 'dismissed' })
    expect((await get(app, owner, at('/reports'), ReportPage)).items).toHaveLength(1)
    expect(await walk(app, owner, at('/reports?all=true'), 1)).toHaveLength(2)
    expectProblem(
      await call(app, owner, 'PUT', at('/reports/999999'), { outcome: 'acted' }),
      404,
      'not_found',
    )
    expectProblem(await call(app, owner, 'PUT', path, { outcome: 'burnt' }), 400, 'invalid')
  })
})

test('the audit log shows the staff what they have done, newest first, page after page', async () => {
  expectDone(await mute(admin, member, { reason: 'loud' }))
  expectDone(await unmute(admin, member))
  await call(app, admin, 'DELETE', at(`/messages/${message}`))
  await call(app, owner, 'PATCH', at(''), { slow_mode: 5 })
  expectDone(await ban(admin, other))
  for (const who of [member, outsider])
    expectProblem(await call(app, who, 'GET', at('/audit')), 403, 'forbidden')
  const { items } = await get(app, admin, at('/audit'), AuditPage)
  expect(items).toMatchObject([
    { action: 'ban', actor: ref(admin), user: ref(other), seq: null },
    { action: 'rules', actor: ref(owner), user: null, posting: 'everyone', slow_mode: 5 },
    { action: 'delete_message', actor: ref(admin), user: ref(member), seq: message },
    { action: 'unmute', actor: ref(admin), user: ref(member) },
    { action: 'mute', actor: ref(admin), user: ref(member), reason: 'loud' },
    { action: 'role', actor: ref(owner), user: ref(admin), role: 'admin' },
  ])
  const pages: unknown[] = await walk(app, owner, at('/audit'), 4)
  expect(pages).toEqual([items.slice(0, 4), items.slice(4)])
})

describe('a block', () => {
  const block = (who: Person, whom: Person) => call(app, who, 'PUT', `/me/blocks/${whom.id}`)
  const unblock = (who: Person, whom: Person) => call(app, who, 'DELETE', `/me/blocks/${whom.id}`)

  test('closes the direct chat of the two, which stays to be read', async () => {
    const direct = await makeDirect(app, member, other)
    const said = await say(app, direct, other, 'words')
    expectDone(await block(member, other))
    expectDone(await block(member, other))
    const { items } = bodyOf(await call(app, other, 'GET', at('/changes', direct)), 200, ChangesPage)
    const rules = items.find(({ type }) => type === 'rules')
    expect(rules).toMatchObject({
      posting: 'nobody',
      at: (await get(app, other, at('', direct), Room)).updated_at,
    })
    for (const who of [member, other]) {
      expectProblem(await post(who, direct), 403, 'blocked')
      expect(await get(app, who, at('', direct), Room)).toMatchObject({ posting: 'nobody' })
      bodyOf(await call(app, who, 'GET', at(`/messages/${said}`, direct)), 200, Message)
      bodyOf(
        await call(app, who, 'POST', '/directs', { user: who === member ? other.id : member.id }),
        200,
        Room,
      )
    }
    const edit = await call(app, other, 'PATCH', at(`/messages/${said}`, direct), { body: 'others' })
    expectProblem(edit, 403, 'blocked')
    expectProblem(await call(app, other, 'PUT', at(`/messages/${said}/reactions/a`, direct)), 403, 'blocked')
    // A room that both are in goes on.
    bodyOf(await post(other), 201, Message)
    expectDone(await unblock(member, other))
    bodyOf(await post(other, direct), 201, Message)
  })

  test('keeps the two from opening a direct chat, and the blocked one from inviting', async () => {
    expectDone(await block(outsider, other))
    expectProblem(await call(app, other, 'POST', '/directs', { user: outsider.id }), 403, 'blocked')
    expectProblem(await call(app, outsider, 'POST', '/directs', { user: other.id }), 403, 'blocked')
    const invite = await call(app, other, 'POST', at('/invitations'), { users: [outsider.id] })
    expectProblem(invite, 403, 'blocked')
    const made = { name: `room ${crypto.randomUUID()}`, kind: 'private', invited: [outsider.id] }
    expectProblem(await call(app, other, 'POST', '/rooms', made), 403, 'blocked')
    expect((await call(app, owner, 'POST', at('/invitations'), { users: [outsider.id] })).status).toBe(200)
  })

  test('is listed to its user alone', async () => {
    expectDone(await block(member, other))
    expectDone(await block(member, outsider))
    const { items } = await get(app, member, '/me/blocks', BlockPage)
    expect(items.map(({ user }) => user)).toEqual([ref(other), ref(outsider)])
    expect((await walk(app, member, '/me/blocks', 1)).flat()).toEqual(items)
    expect((await get(app, other, '/me/blocks', BlockPage)).items).toEqual([])
    expectProblem(await unblock(other, member), 404, 'not_found')
    expectProblem(await block(member, member), 400, 'invalid', { field: 'user' })
    expectProblem(await call(app, member, 'PUT', '/me/blocks/987654321'), 404, 'not_found')
  })
})
