// The messages that the server writes after changes of a room, if the operator wants them.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ChangesPage } from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { call, expectProblem, get } from '../api/v2/rest/support/client.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'

let app: TestApp
let owner: Person
let member: Person

beforeAll(async () => {
  app = await startApp({ SYSTEM_MESSAGES: 'joined,removed,role,described' })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
afterAll(() => app.close())

/** What has happened in the room, once it has so many messages; each number once. */
async function allOf(node: TestApp, room: RoomId, messages: number) {
  const items = await changesOf(node, room, messages)
  expect(items.map(({ seq }) => seq)).toEqual(items.map((_, index) => index + 1))
  return items
}

/** What is left of it in the room's changes. */
async function changesOf(node: TestApp, room: RoomId, messages: number) {
  return until(async () => {
    const { items } = await get(node, owner, `/rooms/${room}/changes?after=0`, ChangesPage)
    return items.filter(hasMessage).length >= messages && items
  }, `${messages} messages`)
}

test('each listed change is followed by a numbered message of the one who made it; others are not', async () => {
  const room = await makeRoom(app, owner, [member])
  // A member who is gone before it is written says nothing any more.
  await allOf(app, room, 1)
  await app.chat.membership.setRole({ id: room }, owner, member.id, 'admin')
  await app.chat.rooms.describe({ id: room }, owner, { description: 'words' })
  await app.chat.membership.remove({ id: room }, owner, member.id)
  const items = await allOf(app, room, 4)
  const messages = items.filter(hasMessage).map(({ message }) => message)
  const of = (person: Person) => ({ id: person.id, username: person.username })
  const changed = (change: string) =>
    items.find((event) => event.type === 'member' && event.change === change)?.seq
  const described = items.find(({ type }) => type === 'room')?.seq
  const about = { user: member.id }
  expect(messages.map(({ kind, sender, metadata }) => ({ kind, sender, metadata }))).toEqual([
    ...[
      { change: 'joined', seq: changed('joined') ?? 3, ...about, role: 'member' },
      { change: 'role', seq: changed('role'), ...about, role: 'admin' },
      { change: 'described', seq: described },
      { change: 'removed', seq: changed('removed'), ...about, role: null },
    ].map((metadata) => ({
      kind: 'system',
      sender: metadata.change === 'joined' ? of(member) : of(owner),
      metadata: metadata.change === 'joined' ? expect.objectContaining({ change: 'joined' }) : metadata,
    })),
  ])
  expect(messages.map(({ body }) => body)).toEqual([
    `${member.username} joined`,
    `${member.username} is now admin`,
    `${owner.username} changed the description`,
    `${owner.username} removed ${member.username}`,
  ])
})

test('they are written whoever may post, and take no turn of the one who made the change', async () => {
  const room = await makeRoom(app, owner, [], 'public')
  const ref = { id: room }
  const plain = { kind: 'text', clientId: null, replyTo: null, details: null }
  await app.chat.moderation.setRules(ref, owner, { slowMode: 600 })
  await app.chat.membership.join(ref, member)
  await changesOf(app, room, 1)
  await app.chat.messages.post(room, member, { ...plain, body: 'my turn' })
  await app.chat.moderation.mute(ref, owner, member.id, {})
  await app.chat.membership.leave(ref, member)
  await app.chat.membership.join(ref, member)
  await app.chat.moderation.setRules(ref, owner, { slowMode: 0, posting: 'staff' })
  await changesOf(app, room, 3)
  const third = await person(app, 'third')
  await app.chat.membership.join(ref, third)
  await app.chat.moderation.ban(ref, owner, member.id, {})
  const items = await changesOf(app, room, 5)
  expect(items.filter(hasMessage).map(({ message }) => message.body)).toEqual([
    `${member.username} joined`,
    'my turn',
    `${member.username} joined`,
    `${third.username} joined`,
    `${owner.username} removed ${member.username}`,
  ])
  await app.chat.moderation.setRules(ref, owner, { posting: 'everyone' })
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

test('nobody edits one, and only the staff deletes one', async () => {
  const room = await makeRoom(app, owner, [member])
  const [joined] = (await allOf(app, room, 1)).filter(hasMessage)
  const path = `/rooms/${room}/messages/${joined?.seq}`
  for (const who of [member, owner])
    expectProblem(await call(app, who, 'PATCH', path, { body: 'owner left' }), 403, 'forbidden')
  expectProblem(await call(app, member, 'DELETE', path), 403, 'forbidden')
  expect((await call(app, owner, 'DELETE', path)).status).toBe(200)
})

test('no client can send one, and by default the server writes none', async () => {
  const room = await makeRoom(app, owner)
  const forged = { body: 'owner joined', kind: 'system' }
  expectProblem(await call(app, owner, 'POST', `/rooms/${room}/messages`, forged), 400, 'invalid', {
    field: 'kind',
  })
  const quiet = await startApp({ DATABASE_URL: app.databaseUrl })
  await quiet.chat.rooms.describe({ id: room }, owner, { description: 'words' })
  await quiet.chat.messages.post(room, owner, {
    ...{ body: 'last', kind: 'text', clientId: null, replyTo: null, details: null },
  })
  const items = await allOf(quiet, room, 1)
  expect(items.filter(hasMessage).map(({ message }) => message.body)).toEqual(['last'])
  await quiet.close()
})
