// Bans, mutes, rules, reports and blocks over the socket: the requests, what everyone hears of them, and what they refuse.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { Message, OwnThread, Reacted, Reported, Revised } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { bodyOf, call, expectDone } from '../rest/support/client.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, eventsIn, reached, send } from '../support/rooms.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, type Unnumbered, type V2Client } from '../support/v2-client.ts'

const Nothing = Type.Object({}, { additionalProperties: false })

const clock = new SkipClock()
let app: TestApp
let owner: Person
let member: Person
let other: Person
let room: RoomId
/** A message of the member's. */
let said: number
/** The owner's, the member's and the other member's, each in the room. */
let staff: V2Client
let client: V2Client
let witness: V2Client

beforeAll(async () => {
  app = await startApp({}, { clock })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  other = await person(app, 'other')
})
beforeEach(async () => {
  room = await makeRoom(app, owner, [member, other], 'public')
  said = await say(app, room, member, 'words')
  staff = await connect(app, owner)
  client = await connect(app, member)
  witness = await connect(app, other)
  for (const each of [staff, client, witness]) await enter(each, room)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

const end = () => Promise.all([staff, client, witness].map((each) => each.close()))
const ref = ({ id, username }: Person) => ({ id, username })
const hour = () => new Date(Date.now() + 3_600_000).toISOString()
/** The events after a number, without their times. */
const heardBy = (who: V2Client, after: number): unknown[] =>
  eventsIn(who, room).flatMap((event) => (event.seq > after && 'at' in event ? [{ ...event, at: '' }] : []))
const act = (request: Unnumbered) => staff.result(request, Nothing)
const head = () => staff.positionIn(room) ?? 0

/** Everything that speaks. */
const speech = (where: number = room): Unnumbered[] => [
  { type: 'send', room: where, body: 'words' },
  { type: 'edit', room: where, seq: said, body: 'other words' },
  { type: 'react', room: where, seq: said, reaction: 'a', on: true },
  { type: 'ephemeral', room: where, user: owner.id, body: 'words' },
]

async function codes(who: V2Client, requests: readonly Unnumbered[]) {
  const found: [string, string][] = []
  for (const request of requests) {
    const answer = await who.ask(request)
    found.push([request.type, answer.type === 'error' ? answer.code : 'done'])
  }
  return found
}

/** Whether the room hears that the member types, once another one is heard who does. */
async function heardTyping(): Promise<boolean> {
  // All earlier typing has ended, and its pauses with it.
  clock.skip(60_000)
  const from = staff.frames.length
  await client.result({ type: 'typing', room, typing: true }, Nothing)
  await witness.result({ type: 'typing', room, typing: true }, Nothing)
  // What is told of a room within one second waits for its end.
  clock.skip(1000)
  await staff.heard('typing', ({ user, typing }) => user.id === other.id && typing, from)
  return staff.all('typing', from).some(({ user, typing }) => user.id === member.id && typing)
}

describe('a ban', () => {
  test('ends the visit at its place, and all that stay hear both events', async () => {
    const before = head()
    const until = hour()
    await act({ type: 'ban', room, user: member.id, reason: 'spam', until })
    const last = await send(staff, room, 'without them')
    await client.heard('unsubscribed', (frame) => frame.room === room)
    await reached(witness, room, last.seq)
    const by = { actor: ref(owner), user: ref(member), at: '' }
    const removed = { type: 'member', room, seq: before + 1, change: 'removed', role: null, ...by }
    const banned = { type: 'restraint', room, seq: before + 2, change: 'banned', until, ...by }
    expect(heardBy(witness, before)).toEqual([removed, banned])
    expect(heardBy(staff, before)).toEqual([removed, banned])
    await client.settled()
    expect(heardBy(client, before)).toEqual([removed])
    expect(client.all('message').filter(({ seq }) => seq > before)).toEqual([])
    await end()
  })

  test('refuses everything in the room, until it is lifted', async () => {
    await act({ type: 'ban', room, user: member.id })
    await client.heard('unsubscribed', (frame) => frame.room === room)
    const requests: Unnumbered[] = [
      ...speech(),
      { type: 'subscribe', room },
      { type: 'delete', room, seq: said },
      { type: 'report', room, seq: said, reason: '' },
      { type: 'thread_follow', room, seq: said, follow: true },
      { type: 'thread_read', room, seq: said, read_seq: said },
      { type: 'read', room, seq: said },
      { type: 'delivered', room, seq: said },
      { type: 'mark_unread', room, seq: said },
      { type: 'save', room, seq: said, on: true },
    ]
    expect(await codes(client, requests)).toEqual(requests.map(({ type }) => [type, 'banned']))
    expect((await client.refused({ type: 'typing', room, typing: true })).code).toBe('conflict')
    await act({ type: 'unban', room, user: member.id })
    expect((await staff.refused({ type: 'unban', room, user: member.id })).code).toBe('not_found')
    await app.chat.membership.join({ id: room }, member)
    await enter(client, room)
    expect((await codes(client, speech())).map(([, code]) => code)).toEqual(['done', 'done', 'done', 'done'])
    await end()
  })
})

test('a mute is heard by all, and keeps the member from all speech and from nothing else, until it is lifted', async () => {
  const before = head()
  expect(await heardTyping()).toBeTrue()
  const until = hour()
  await act({ type: 'mute', room, user: member.id, until })
  const by = { actor: ref(owner), user: ref(member), at: '' }
  const muted = { type: 'restraint', room, seq: before + 1, change: 'muted', until, ...by }
  for (const each of [staff, client, witness]) {
    await reached(each, room, before + 1)
    expect(heardBy(each, before)).toEqual([muted])
  }
  expect((await codes(client, speech())).map(([, code]) => code)).toEqual(speech().map(() => 'muted'))
  const refusal = await client.refused({ type: 'ephemeral', room, user: owner.id, body: 'words' })
  expect(refusal).toMatchObject({ code: 'muted', retryable: false })
  expect(refusal.retry_after_ms).toBeWithin(3_500_000, 3_600_001)
  expect(await heardTyping()).toBeFalse()
  await client.result({ type: 'thread_follow', room, seq: said, follow: true }, OwnThread)
  await client.result({ type: 'report', room, seq: said, reason: '' }, Reported)
  // One who comes anew is silent as well, and so is an upload, which is for a message.
  await enter(client, room, said)
  expect(await heardTyping()).toBeFalse()
  const upload = { name: 'a.txt', size: 1 }
  expect((await call(app, member, 'POST', `/rooms/${room}/uploads`, upload)).status).toBe(403)
  await act({ type: 'unmute', room, user: member.id })
  expect((await staff.refused({ type: 'unmute', room, user: member.id })).code).toBe('not_found')
  for (const each of [client, witness]) await reached(each, room, before + 2)
  expect(heardBy(witness, before)[1]).toEqual({ ...muted, seq: before + 2, change: 'unmuted', until: null })
  expect(await heardTyping()).toBeTrue()
  await client.result({ type: 'delete', room, seq: said }, Revised)
  await end()
})

test('the rules are heard by all, and refuse what they are about', async () => {
  const before = head()
  await call(app, owner, 'PATCH', `/rooms/${room}`, { posting: 'staff' })
  await reached(client, room, before + 1)
  const rules = {
    type: 'rules',
    room,
    seq: before + 1,
    actor: ref(owner),
    posting: 'staff',
    slow_mode: 0,
    at: '',
  }
  for (const each of [staff, client, witness]) {
    await reached(each, room, before + 1)
    expect(heardBy(each, before)).toEqual([rules])
  }
  const restricted = 'posting_restricted'
  // A reaction is no post.
  expect((await codes(client, speech())).map(([, code]) => code)).toEqual([
    restricted,
    restricted,
    'done',
    restricted,
  ])
  await reached(staff, room, before + 1)
  await client.result({ type: 'typing', room, typing: true }, Nothing)
  await staff.result({ type: 'typing', room, typing: true }, Nothing)
  await witness.heard('typing', ({ user }) => user.id === owner.id)
  expect(witness.all('typing').map(({ user }) => user.id)).not.toContain(member.id)

  await call(app, owner, 'PATCH', `/rooms/${room}`, { posting: 'everyone', slow_mode: 600 })
  await send(client, room, 'one')
  const tooSoon = await client.refused({ type: 'send', room, body: 'two' })
  expect(tooSoon).toMatchObject({ code: 'slow_mode', retryable: true })
  expect(tooSoon.retry_after_ms).toBeWithin(500_000, 600_001)
  await end()
})

test('a message is reported once by each member, and by nobody else', async () => {
  const report = { type: 'report', room, seq: said, reason: 'spam' } as const
  const first = await witness.result(report, Reported)
  expect(first).toEqual({ room, seq: said, report: expect.any(Number) })
  expect(await witness.result({ ...report, reason: 'again' }, Reported)).toEqual(first)
  expect((await witness.refused({ ...report, seq: 999 })).code).toBe('not_found')
  expect(await witness.refused({ ...report, reason: 'x'.repeat(501) })).toMatchObject({
    code: 'invalid',
    field: 'reason',
  })
  const outsider = await connect(app, await person(app))
  expect((await outsider.refused(report)).code).toBe('forbidden')
  await outsider.close()
  await end()
})

test('what is not well formed, or from below, is refused and changes nothing', async () => {
  const before = head()
  for (const type of ['ban', 'mute'] as const) {
    for (const until of ['yesterday', '2020-01-01T00:00:00Z', '']) {
      const refusal = await staff.refused({ type, room, user: member.id, until })
      expect(refusal).toMatchObject({ code: 'invalid', field: 'until' })
    }
    const long = await staff.refused({ type, room, user: member.id, reason: 'x'.repeat(501) })
    expect(long).toMatchObject({ code: 'invalid', field: 'reason' })
    expect((await staff.refused({ type, room, user: 987_654_321 })).code).toBe('not_found')
  }
  for (const type of ['ban', 'unban', 'mute', 'unmute'] as const) {
    expect((await client.refused({ type, room, user: other.id })).code).toBe('forbidden')
    expect((await staff.refused({ type, room, user: owner.id })).code).toBe('forbidden')
  }
  await send(staff, room, 'next')
  expect(head()).toBe(before + 1)
  await end()
})

test('a block closes the direct chat for both while they look, and keeps ephemeral messages away', async () => {
  const direct = await makeDirect(app, member, other)
  said = await say(app, direct, member, 'words')
  for (const each of [client, witness]) await enter(each, direct)
  const before = client.positionIn(direct) ?? 0
  expectDone(await call(app, other, 'PUT', `/me/blocks/${member.id}`))
  for (const each of [client, witness]) {
    const rules = await each.heard('rules', (frame) => frame.room === direct)
    expect(rules).toMatchObject({ seq: before + 1, posting: 'nobody' })
  }
  const aimed = (user: Person) => ({ type: 'ephemeral', room: direct, user: user.id, body: 'words' }) as const
  const requests = [...speech(direct).slice(0, 3), aimed(other)]
  expect((await codes(client, requests)).map(([, code]) => code)).toEqual(requests.map(() => 'blocked'))
  for (const request of [{ type: 'send', room: direct, body: 'words' } as const, aimed(member)]) {
    expect((await witness.refused(request)).code).toBe('blocked')
  }
  await client.result({ type: 'typing', room: direct, typing: true }, Nothing)
  // In a room that both are in: the blocked one reaches the blocker with nothing that is for them alone.
  expect((await client.refused({ ...aimed(other), room })).code).toBe('blocked')
  expect((await codes(witness, [{ ...aimed(member), room }]))[0]).toEqual(['ephemeral', 'done'])
  await send(client, room, 'to all')
  expect(witness.all('typing')).toEqual([])
  expectDone(await call(app, other, 'DELETE', `/me/blocks/${member.id}`))
  const opened = await call(app, member, 'POST', `/rooms/${direct}/messages`, { body: 'again' })
  bodyOf(opened, 201, Message)
  await client.result({ type: 'react', room: direct, seq: said, reaction: 'a', on: true }, Reacted)
  await end()
})
