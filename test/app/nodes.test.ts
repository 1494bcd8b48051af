// Two nodes over one database and one Redis, and a third that nobody hears: it has no Redis.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { EVERYBODY, headKey, keyspace, shardOf } from '../../src/cluster/redis/connection/keys.ts'
import type { RoomId } from '../../src/core/index.ts'
import { anotherToken, makeRoom, type Person, pair, say } from '../api/v2/support/people.ts'
import { bodiesIn, enter, send } from '../api/v2/support/rooms.ts'
import { connect, type V2Client } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const SHARDS = 4
/** Less than the time after which heads are compared while all is well. */
const SOON_MS = 4000

let redis: RedisServer
let tool: Redis
let one: TestApp
let two: TestApp
let unheard: TestApp
let ann: Person
let bob: Person
let room: RoomId
const clients: V2Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  tool = new Redis(redis.url)
  tool.on('error', () => undefined)
  unheard = await startApp()
  const env = {
    DATABASE_URL: unheard.databaseUrl,
    REDIS_URL: redis.url,
    REDIS_SHARDS: String(SHARDS),
    PRESENCE_GRACE_MS: '0',
  }
  one = await startApp(env)
  two = await startApp(env)
  ;[ann, bob] = await pair(one)
  room = await makeRoom(one, ann, [bob])
})
afterAll(async () => {
  for (const client of clients) client.close()
  await Promise.all([one.close(), two.close()])
  await unheard.close()
  tool.disconnect()
  await redis.remove()
})

describe('between nodes', () => {
  test('messages sent on one reach members on the other, in order', async () => {
    const [here, there] = [await open(one, ann), await open(two, bob)]
    for (const client of [here, there]) await enter(client, room)
    for (let i = 0; i < 20; i++) await send(i % 2 === 0 ? here : there, room, `word ${i}`)
    const words = Array.from({ length: 20 }, (_, i) => `word ${i}`)
    for (const client of [here, there]) {
      await client.until(() => bodiesIn(client, room).length >= 20, 'all that was said')
      expect(bodiesIn(client, room)).toEqual(words)
    }
    here.send({ type: 'typing', room, typing: true })
    expect(await there.heard('typing')).toMatchObject({ room, user: { id: ann.id }, typing: true })
  })

  test('a user who toggles typing on both is shown once a second on each, and ends in the latest state', async () => {
    const quiet = await makeRoom(one, ann, [bob])
    const [here, there] = [await open(one, ann), await open(two, ann)]
    const listeners = [await open(one, bob), await open(two, bob)]
    for (const client of [here, there, ...listeners]) await enter(client, quiet)
    const start = performance.now()
    for (let n = 1; n <= 500; n++) {
      for (const client of [here, there]) client.send({ type: 'typing', room: quiet, typing: n % 2 === 1 })
      // On both nodes over some of their pauses, not in one burst.
      if (n % 50 === 0) await send(here, quiet, `word ${n}`)
    }
    for (const listener of listeners) {
      const told = () => listener.all('typing').filter(({ room: where }) => where === quiet)
      await listener.until(() => told().at(-1)?.typing === false, 'the end of it')
      const seconds = Math.floor((performance.now() - start) / 1000)
      expect(told().length).toBeLessThanOrEqual(seconds + 1)
    }
  })

  test('a user online on one is online on the other, until their last connection closes', async () => {
    const there = await open(two, bob)
    await enter(there, room)
    const [eve] = await pair(one)
    await one.chat.rooms.visible({ id: room }, ann.id)
    await one.chat.membership.invite({ id: room }, ann, [eve.id])
    await one.chat.membership.join({ id: room }, eve)
    const from = there.frames.length
    const [first, second] = [await open(one, eve), await open(two, eve)]
    const told = () => there.all('presence', from).filter(({ user }) => user.id === eve.id)
    await there.until(() => told().length === 1, 'that they came')
    first.close()
    second.close()
    await there.until(() => told().length === 2, 'that they went')
    expect(told().map(({ online }) => online)).toEqual([true, false])
  })
})

describe('after a lost notification, a node', () => {
  test('finds what it missed as soon as it knows of the loss', async () => {
    const there = await open(two, bob)
    await enter(there, room)
    await say(unheard, room, ann, 'unheard')
    await say(unheard, room, ann, 'nor this')
    await lose(shardOf(room, SHARDS))
    await withinSoon(() => bodiesIn(there, room).at(-1) === 'nor this', 'what was said')
    await there.until(() => bodiesIn(there, room).includes('unheard'), 'all of it')
  })

  test('finds a revoked token', async () => {
    const token = await anotherToken(one, bob)
    const there = await open(two, { ...bob, token })
    await unheard.chat.accounts.logout(token)
    await lose(EVERYBODY)
    const { code } = await Promise.race([there.closed, Bun.sleep(SOON_MS).then(() => ({ code: 0 }))])
    expect(code).toBe(1008)
  })

  test('finds a deleted room', async () => {
    const gone = await makeRoom(one, ann, [bob])
    const there = await open(two, bob)
    await enter(there, gone)
    await unheard.chat.rooms.remove({ id: gone }, ann)
    await lose(EVERYBODY)
    await withinSoon(() => there.all('unsubscribed').some((frame) => frame.room === gone), 'the end')
    expect(there.all('unsubscribed').at(-1)).toMatchObject({ reason: 'room_deleted' })
  })
})

test('without Redis nodes reach each other more slowly, log this once, and recover', async () => {
  const there = await open(two, bob)
  await enter(there, room)
  const logged = (app: TestApp, text: string) => app.logs().filter((line) => line.includes(text)).length
  await redis.kill()
  await say(one, room, ann, 'without')
  await withinSoon(() => bodiesIn(there, room).at(-1) === 'without', 'what was said without Redis')
  const token = await anotherToken(one, bob)
  const signed = await open(two, { ...bob, token })
  await one.chat.accounts.logout(token)
  expect((await signed.closed).code).toBe(1008)
  await redis.start()
  for (const app of [one, two]) await until(() => logged(app, 'Redis is available again') === 1, 'the log')
  await say(one, room, ann, 'with')
  await there.until(() => bodiesIn(there, room).at(-1) === 'with', 'what was said with Redis')
  for (const app of [one, two])
    expect([logged(app, 'Redis is unavailable'), logged(app, '"level":50')]).toEqual([1, 0])
})

async function open(app: TestApp, person: Person): Promise<V2Client> {
  const client = await connect(app, person)
  clients.push(client)
  return client
}

/** Something of the shard is gone before anyone has read it. */
async function lose(shard: number): Promise<void> {
  const head = headKey(keyspace('parley'), shard)
  await tool.multi().hincrby(head, 'n', 1).hset(head, 't', 'nobody:1').exec()
}

function withinSoon(holds: () => boolean, what: string): Promise<boolean> {
  return until(holds, what, SOON_MS)
}
