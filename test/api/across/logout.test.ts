import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { login, register } from '../support/accounts-client.ts'
import { ask, expectAnswer } from '../support/rest.ts'
import { openSocket } from '../support/socket.ts'
import {
  expectEnd,
  expectStretch,
  type Listening,
  listenThroughAll,
  openUntilRefused,
} from './support/audience.ts'
import { contractNamed } from './support/contracts.ts'
import { makePeople, makeRoom, type Person, type Room } from './support/people.ts'
import { openTables, type Tables } from './support/stored.ts'
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

test.each([
  { how: 'its token', by: ({ token }: Session) => ({ authorization: `Token ${token}` }) },
  { how: 'the cookie', by: ({ cookie }: Session) => ({ cookie, origin: app.url }) },
])(
  'logging out with $how closes the sockets of that session in every contract, and no others',
  async ({ by }) => {
    const { rooms, first, second, talks } = await openScene()
    const [mine, theirs]: [Listening[], Listening[]] = [[], []]
    for (const room of rooms) {
      const at = { server: app, room }
      mine.push(...(await listenThroughAll({ ...at, person: first.person })))
      theirs.push(...(await listenThroughAll({ ...at, person: second.person })))
    }
    const others = await openByOtherMeans(rooms[0], first)
    await until(() => mine.every(({ listener }) => listener.messages().length > 20), 'some talk')

    await logout(by(first))
    await Promise.all(rooms.map((room) => say(room, second.person, 'after the logout')))
    const all = [...mine.map(({ listener }) => listener.socket), ...others]
    const codes = await Promise.all(all.map(async ({ closed }) => (await closed).code))
    expect(new Set(codes)).toEqual(new Set([1008]))
    await Promise.all(talks.map((talk) => talk.stop()))

    for (const room of rooms) {
      const stored = await tables.messages(room)
      const before = stored.slice(
        0,
        stored.findIndex(({ body }) => body === 'after the logout'),
      )
      for (const one of mine.filter(({ at }) => at.room === room)) expectStretch(one, room, before)
      for (const one of theirs.filter(({ at }) => at.room === room)) await expectEnd(one, room, stored)
    }
    await Promise.all(theirs.map(({ listener }) => listener.socket.close()))
  },
)

test('logging out while the same session keeps opening sockets leaves none of them open', async () => {
  const { rooms, first, second, talks } = await openScene()
  const openings = rooms.map((room) => openUntilRefused({ server: app, room, person: first.person }))
  await until(() => openings.every(({ opened }) => opened().length > 8), 'a few sockets')
  await logout({ authorization: `Token ${first.token}` })
  await Promise.all(rooms.map((room) => say(room, second.person, 'after the logout')))
  await Promise.all(openings.map(({ refused }) => refused))
  const everyone = openings.flatMap(({ opened }) => opened())
  const codes = await Promise.all(everyone.map(async ({ listener }) => (await listener.socket.closed).code))
  expect(new Set(codes)).toEqual(new Set([1008]))
  await Promise.all(talks.map((talk) => talk.stop()))

  for (const [index, room] of rooms.entries()) {
    const stored = await tables.messages(room)
    const after = stored.findIndex(({ body }) => body === 'after the logout')
    for (const one of openings[index]?.opened() ?? []) expectStretch(one, room, stored.slice(0, after))
  }
})

interface Session {
  readonly person: Person
  readonly token: string
  /** As a browser sends it back. */
  readonly cookie: string
}

/** A private room and a direct chat in which others talk, and someone in them who is signed in twice. */
async function openScene() {
  const { id, username } = await register(app)
  const [first, second] = await Promise.all([signIn(Number(id), username), signIn(Number(id), username)])
  const [owner, talker, friend] = await makePeople(app, 'owner', 'talker', 'friend')
  if (owner === undefined || talker === undefined || friend === undefined) throw new Error('too few came')
  const room = await makeRoom(app, 'private', owner, [first.person, talker])
  const chat = await makeRoom(app, 'direct', friend, [first.person])
  const talks = await Promise.all([startTalk(app, room, [owner, talker]), startTalk(app, chat, [friend])])
  const rooms: readonly [Room, Room] = [room, chat]
  return { rooms, first, second, talks }
}

async function signIn(id: number, username: string): Promise<Session> {
  const { token, cookie } = await login(app, username)
  return { person: { id, username, token }, token, cookie }
}

/** Sockets by what is neither in the table: the session's cookie and a ticket. */
async function openByOtherMeans(room: Room, { token, cookie }: Session) {
  const answer = await ask('POST', `${app.url}/api/auth/ticket`, { token })
  const { ticket } = expectAnswer(answer, 200, t.Object({ ticket: t.String() }))
  const path = `${app.wsUrl}/ws/chat/${encodeURIComponent(room.name)}/`
  const sockets = [openSocket(path, { cookie, origin: app.url }), openSocket(`${path}?ticket=${ticket}`)]
  await Promise.all(sockets.map(({ opened }) => opened))
  return sockets
}

async function logout(headers: Record<string, string>): Promise<void> {
  const answer = await ask('POST', `${app.url}/api/auth/logout`, { headers })
  expect(answer.status).toBe(204)
}

async function say(room: Room, person: Person, text: string): Promise<void> {
  await contractNamed('v1').post?.({ server: app, room, person }, text)
}
