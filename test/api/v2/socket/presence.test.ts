import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Identified } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { enter } from '../support/rooms.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

const GRACE_MS = 10_000
const HOUR_MS = 3_600_000
const clock = new SkipClock()
let app: TestApp
let owner: Person

beforeAll(async () => {
  app = await startApp({ ROOM_LIST_LIMIT: '2' }, { clock })
  owner = await person(app, 'owner')
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

test('a member’s arrival and departure is sent to each of the rooms, the departure after the grace period', async () => {
  const member = await person(app, 'member')
  const rooms = [await makeRoom(app, owner, [member]), await makeDirect(app, owner, member)]
  const unheard = await makeRoom(app, owner, [member])
  const watcher = await connect(app, owner)
  for (const room of rooms) expect((await enter(watcher, room)).state.online).toEqual([owner.id])

  const client = await connect(app, member)
  const user = { id: member.id, username: member.username }
  for (const room of rooms) {
    expect(await of(watcher, member, room, true)).toEqual({
      type: 'presence',
      room,
      user,
      online: true,
      last_seen: null,
    })
  }
  const closed = Date.now()
  await leave(client, rooms[0])
  clock.skip(GRACE_MS - 1000)
  expect(await onlineIn(member)).toBe(true)
  clock.skip(HOUR_MS)
  for (const room of rooms) {
    const { last_seen } = await of(watcher, member, room, false)
    // Counted back from when it is told, by the database's clock, which the test has not moved on.
    expect(Date.parse(last_seen ?? '')).toBeLessThan(closed - HOUR_MS / 2)
    expect(Date.parse(last_seen ?? '')).toBeGreaterThan(closed - HOUR_MS * 2)
  }
  expect(watcher.all('presence').filter(({ room }) => room === unheard)).toEqual([])
  expect(await onlineIn(member)).toBe(false)
  await watcher.close()
})

describe('no event is sent', () => {
  test('for a user who reconnects within the grace period, or opens a second connection', async () => {
    const { member, watcher, room, another } = await watched()
    const first = await connect(app, member)
    await of(watcher, member, room, true)
    await leave(first, room)
    clock.skip(GRACE_MS / 2)
    const second = await connect(app, member)
    const third = await connect(app, member)
    clock.skip(GRACE_MS)
    await leave(third, room)
    clock.skip(GRACE_MS)
    await another()
    expect(watcher.all('presence').filter(({ user }) => user.id === member.id)).toHaveLength(1)
    await Promise.all([second.close(), watcher.close()])
  })

  test('for a connection that is not identified', async () => {
    const { member, watcher, room, another } = await watched()
    const client = await connect(app, null)
    await another()
    expect(watcher.all('presence').filter(({ user }) => user.id === member.id)).toEqual([])
    await client.result({ type: 'auth', token: member.token }, Identified)
    await of(watcher, member, room, true)
    await leave(client, room)
    clock.skip(GRACE_MS)
    await of(watcher, member, room, false)
    await watcher.close()
  })

  test('in a room past the list limit, which shows a count', async () => {
    const [member, third] = [await person(app), await person(app)]
    const room = await makeRoom(app, owner, [member, third])
    const watcher = await connect(app, owner)
    expect((await enter(watcher, room)).state).toMatchObject({ online: null, online_count: 1 })
    const client = await connect(app, member)
    expect((await enter(client, room)).state).toMatchObject({ online: null, online_count: 2 })
    const { another } = await watched(watcher)
    await another()
    expect(watcher.all('presence').filter((frame) => frame.room === room)).toEqual([])
    await Promise.all([client.close(), watcher.close()])
  })
})

test('a user who joins a room while online is announced in it', async () => {
  const member = await person(app, 'member')
  const room = await makeRoom(app, owner, [], 'public')
  const client = await connect(app, member)
  const watcher = await connect(app, owner)
  expect((await enter(watcher, room)).state.online).toEqual([owner.id])
  const path = new URL(`/api/v2/rooms/${room}/members/me`, app.url)
  const headers = { authorization: `Bearer ${member.token}` }
  expect((await fetch(path, { method: 'PUT', headers })).status).toBe(200)
  await of(watcher, member, room, true)
  await Promise.all([client.close(), watcher.close()])
})

test('a subscriber gets the online users in the state', async () => {
  const member = await person(app)
  const room = await makeRoom(app, owner, [member])
  const client = await connect(app, member)
  const watcher = await connect(app, owner)
  const { state } = await enter(watcher, room)
  expect(state.online?.toSorted((a, b) => a - b)).toEqual([owner.id, member.id])
  expect(state.online_count).toBe(2)
  await Promise.all([client.close(), watcher.close()])
})

/** A room of the owner's and a member's that is watched; `another` resolves once somebody else's coming has been told. */
async function watched(watcher?: V2Client) {
  const [member, other] = [await person(app, 'member'), await person(app, 'other')]
  const room = await makeRoom(app, owner, [member])
  const beside = await makeRoom(app, owner, [other])
  const client = watcher ?? (await connect(app, owner))
  await enter(client, room)
  await enter(client, beside)
  return {
    member,
    room,
    watcher: client,
    async another() {
      const passing = await connect(app, other)
      await of(client, other, beside, true)
      await passing.close()
    },
  }
}

/** Closes the connection. Resolves once the server has noticed: there is one less in the room, which only the owner hears else. */
async function leave(client: V2Client, room: RoomId | undefined): Promise<void> {
  if (room === undefined) throw new Error('there is a room')
  await enter(client, room)
  await client.close()
  await until(async () => (await app.core.roomPresence.count(room)) === 1, 'the server to notice')
}

function of(watcher: V2Client, { id }: Person, room: number, online: boolean) {
  return watcher.heard(
    'presence',
    (frame) => frame.user.id === id && frame.room === room && frame.online === online,
  )
}

async function onlineIn({ id }: Person): Promise<boolean> {
  return (await app.core.presence.online([id])).has(id)
}
