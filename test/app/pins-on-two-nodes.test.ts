// Two nodes over one database and one Redis: pins are the same by every way, and stay within their bound.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Message, Pinned, PinnedPage } from '../../src/api/v2/wire/index.ts'
import { type Client, createClient, memoryStorage } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { bodyOf, call, get } from '../api/v2/rest/support/client.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { enter, eventsIn, reached } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let one: TestApp
let other: TestApp
let owner: Person
let member: Person
let room: RoomId
const clients: Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  one = await startApp({ REDIS_URL: redis.url, MAX_PINS: '4' })
  other = await startApp({ DATABASE_URL: one.databaseUrl, REDIS_URL: redis.url, MAX_PINS: '4' })
  owner = await person(one, 'owner')
  member = await person(one, 'member')
  room = await makeRoom(one, owner, [member])
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  for (const node of [other, one]) {
    expect(node.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await node.close()
  }
  await redis.remove()
})

test('pins come live on both nodes, to the views of clients, and to whoever comes back', async () => {
  const [first, second] = [await say(one, room, owner, 'first'), await say(one, room, member, 'second')]
  const [here, there] = await Promise.all([connect(one, owner), connect(other, member)])
  for (const client of [here, there]) await enter(client, room)
  const following = createClient({ url: other.url, token: member.token, storage: memoryStorage() })
  const pinning = createClient({ url: one.url, token: owner.token, storage: memoryStorage() })
  clients.push(following, pinning)
  const [view, own] = [following.room(room), pinning.room(room)]
  await Promise.all([view.open(), own.open()])
  const pinned = () =>
    view.getSnapshot().messages.flatMap((message) => (message.pinned === undefined ? [] : [message.seq]))

  expect(await own.pin(first, true)).toMatchObject({ room, seq: first, on: true })
  await here.result({ type: 'pin', room, seq: second, on: true }, Pinned)
  await until(() => pinned().length === 2, 'both to be shown')
  expect(pinned()).toEqual([first, second])
  expect(view.getSnapshot().messages.find(({ seq }) => seq === first)?.pinned?.by.id).toBe(owner.id)
  const list = () => get(other, member, `/rooms/${room}/pins`, PinnedPage)
  expect((await list()).items.map(({ seq }) => seq)).toEqual([second, first])

  bodyOf(await call(one, member, 'DELETE', `/rooms/${room}/messages/${second}`), 200, Message)
  const off = bodyOf(await call(other, owner, 'DELETE', `/rooms/${room}/messages/${first}/pin`), 200, Pinned)
  await until(() => pinned().length === 0, 'none to be shown')
  expect((await list()).items).toEqual([])
  for (const client of [here, there]) {
    await reached(client, room, off.shown_at)
    const told = eventsIn(client, room).flatMap((event) =>
      event.type === 'pin' ? [[event.message, event.on]] : [],
    )
    expect(told).toEqual([
      [first, true],
      [second, true],
      [first, false],
    ])
  }
  for (const node of [one, other]) {
    for (let after = first - 1; after < off.shown_at; after++) {
      const late = await connect(node, member)
      await enter(late, room, after)
      await reached(late, room, off.shown_at)
      const last = eventsIn(late, room).findLast((event) => event.type === 'pin' && event.message === first)
      expect(last).toMatchObject({ on: false, seq: off.shown_at })
      await late.close()
    }
  }
  await Promise.all([here.close(), there.close()])
})

test('the bound of a room holds over both nodes at once', async () => {
  const said: number[] = []
  for (let n = 0; n < 10; n++) said.push(await say(one, room, owner, `words ${n}`))
  const answers = await Promise.all(
    said.map((seq, n) => call(n % 2 === 0 ? one : other, owner, 'PUT', `/rooms/${room}/messages/${seq}/pin`)),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([
    200, 200, 200, 200, 409, 409, 409, 409, 409, 409,
  ])
  expect((await get(other, member, `/rooms/${room}/pins`, PinnedPage)).items).toHaveLength(4)
})
