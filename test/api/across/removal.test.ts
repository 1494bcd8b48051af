import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { ask } from '../support/rest.ts'
import {
  expectEnd,
  expectStretch,
  type Listening,
  listenThroughAll,
  openUntilRefused,
} from './support/audience.ts'
import { contractNamed } from './support/contracts.ts'
import { coreId, coreUser } from './support/core-ids.ts'
import { type Kind, makePair, makePeople, makeRoom, type Person, type Room } from './support/people.ts'
import { listen } from './support/sockets.ts'
import { insertOld, openTables, type Tables } from './support/stored.ts'
import { startTalk } from './support/talk.ts'

let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp()
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

const removed = { how: 'is removed', end: remove }
const left = { how: 'leaves', end: leave }

describe.each([
  { ...removed, kind: 'public' as const },
  { ...left, kind: 'public' as const },
  { ...removed, kind: 'private' as const },
  { ...left, kind: 'game' as const },
])('a user who $how, in a $kind room where others send messages,', ({ kind, end }) => {
  test('receives everything sent before and nothing sent after, in every contract', async () => {
    const { room, owner, victim, other, talk } = await openScene(kind)
    const listeners = await listenThroughAll({ server: app, room, person: victim })
    const others = await listenThroughAll({ server: app, room, person: other })
    await until(() => listeners.every(({ listener }) => listener.messages().length > 20), 'some talk')

    await end(room, owner, victim)
    const said = talk.said()
    expect(await closeCodes(listeners)).toEqual(listeners.map(() => 1008))
    await until(() => talk.said() > said + 100, 'more talk')
    await talk.stop()

    const number = await tables.membershipSeq(room, victim)
    const stored = await tables.messages(room)
    const before = stored.filter(({ seq }) => seq < number)
    expect(stored.length - before.length).toBeGreaterThan(90)
    for (const one of listeners) expect(expectStretch(one, room, before).at(-1)).toEqual(before.at(-1))
    for (const one of others) await expectEnd(one, room, stored)
    await Promise.all(others.map(({ listener }) => listener.socket.close()))
  })
})

test.each([removed, left])(
  'a user who $how while opening sockets repeatedly ends up outside',
  async ({ end }) => {
    const { room, owner, victim, talk } = await openScene('private')
    const opening = openUntilRefused({ server: app, room, person: victim })
    await until(() => opening.opened().length > 12, 'a few sockets')
    await end(room, owner, victim)
    await opening.refused
    const said = talk.said()
    expect(new Set(await closeCodes(opening.opened()))).toEqual(new Set([1008]))
    await until(() => talk.said() > said + 100, 'more talk')
    await talk.stop()

    const number = await tables.membershipSeq(room, victim)
    const before = (await tables.messages(room)).filter(({ seq }) => seq < number)
    for (const one of opening.opened()) expectStretch(one, room, before)
  },
)

test('a user removed while their history is being read receives nothing sent after the removal', async () => {
  const [owner, victim] = await makePair(app, 'owner', 'victim')
  const room = await makeRoom(app, 'private', owner, [victim])
  const locked = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  // Whoever reads messages waits; the removal and what is said after it are there when they go on.
  const holding = tables.sql.begin(async (tx) => {
    await tx`lock table messages in access exclusive mode`
    locked.resolve()
    await gate.promise
    await tx`
      select parley_set_member(${room.id}, ${owner.id}, 'owner', false, ${victim.id}, 'member', false, null, 'removed')`
    await insertOld(tx, room, [owner, owner], 3)
  })
  await locked.promise
  const at = { server: app, room, person: victim }
  const listener = await listen(contractNamed('v1'), at)
  await until(async () => {
    const [row] = await tables.sql`
      select count(*)::int as waiting from pg_locks where not granted and relation = 'messages'::regclass`
    return row?.waiting > 0
  }, 'the history to be read')
  gate.resolve()
  await holding
  expect((await listener.socket.closed).code).toBe(1008)
  expect(listener.messages()).toEqual([])
})

test('a deleted room is gone for everyone, in every contract', async () => {
  const { room, owner, victim, other, talk } = await openScene('private')
  const listeners = [
    ...(await listenThroughAll({ server: app, room, person: victim })),
    ...(await listenThroughAll({ server: app, room, person: other })),
  ]
  await until(() => listeners.every(({ listener }) => listener.messages().length > 20), 'some talk')
  const opening = openUntilRefused({ server: app, room, person: victim })
  await until(() => opening.opened().length > 12, 'a few sockets')

  const answer = await ask('DELETE', `${app.url}/chat/rooms/${room.id}/`, { token: owner.token })
  expect(answer.status).toBe(204)
  const count = (await tables.messages(room)).length
  await opening.refused
  const everyone = [...listeners, ...opening.opened()]
  expect(new Set(await closeCodes(everyone))).toEqual(new Set([1008]))
  // The talkers' sockets are closed as well, and nothing of what was on its way gets in.
  await talk.stop()
  const stored = await tables.messages(room)
  expect(stored).toHaveLength(count)
  for (const one of everyone) expectStretch(one, room, stored)

  const paths = [`/api/v1/rooms/${room.id}/messages`, `/chat/rooms/${room.id}/messages/`]
  for (const path of paths) {
    expect((await ask('GET', app.url + path, { token: owner.token })).status).toBe(404)
  }
  const again = { name: room.name, type: 'private' }
  const made = await ask('POST', `${app.url}/chat/create-room/`, { json: again, token: other.token })
  expect(made.status).toBe(201)
})

/** A room of the owner's in which others talk; the victim and another one are members, and listen. */
async function openScene(kind: Exclude<Kind, 'direct'>) {
  const people = await makePeople(app, 'owner', 'victim', 'other', 'talker', 'second-talker')
  const [owner, victim, other, ...talkers] = people
  if (owner === undefined || victim === undefined || other === undefined) throw new Error('too few came')
  const room = await makeRoom(app, kind, owner, people.slice(1))
  return { room, owner, victim, other, talk: await startTalk(app, room, talkers) }
}

/** No contract can remove a member yet. */
async function remove(room: Room, owner: Person, victim: Person): Promise<void> {
  await app.chat.membership.remove({ id: coreId(room.id) }, coreUser(owner), coreId(victim.id))
}

async function leave(room: Room, _: Person, victim: Person): Promise<void> {
  const path = `/api/chat/groups/${encodeURIComponent(room.name)}/leave/`
  const answer = await ask('POST', app.url + path, { token: victim.token })
  if (answer.status !== 204) throw new Error(`leaving answered ${answer.status} ${answer.text}`)
}

function closeCodes(listeners: readonly Listening[]): Promise<number[]> {
  return Promise.all(listeners.map(async ({ listener }) => (await listener.socket.closed).code))
}
