// Two nodes over one database and one Redis: many users react at once, and every view shows the same.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { type Client, createClient, memoryStorage, type RoomView } from '../../src/client/index.ts'
import type { Reacted, RoomId } from '../../src/core/index.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { present, seq } from '../core/fakes/values.ts'
import { chooseSeed, createRandom } from '../e2e/random.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let first: TestApp
let nodes: TestApp[]
let sql: Sql
let people: Person[]
let room: RoomId
const clients: Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  first = await startApp()
  const env = { DATABASE_URL: first.databaseUrl, REDIS_URL: redis.url, PRESENCE_GRACE_MS: '0' }
  nodes = await Promise.all([startApp(env), startApp(env)])
  sql = postgres(first.databaseUrl, { max: 1 })
  people = await Promise.all(Array.from({ length: 200 }, () => person(first)))
  const [owner, ...others] = people
  if (owner === undefined) throw new Error('nobody came')
  room = await makeRoom(first, owner, others, 'public')
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await sql.end()
  await Promise.all(nodes.map((node) => node.close()))
  await first.close()
  await redis.remove()
})

function owner(): Person {
  return present(people[0])
}

function nodeOf(turn: number): TestApp {
  return present(nodes[turn % nodes.length])
}

/** A device of a user on one of the nodes, live in the room. */
async function device(who: Person, node: number): Promise<RoomView> {
  const { url } = nodeOf(node)
  const client = createClient({
    url,
    token: who.token,
    storage: memoryStorage(),
    random: () => 0.001,
    timeoutMs: 1500,
  })
  clients.push(client)
  const view = client.room(room)
  await view.open({ limit: 20 })
  return view
}

/** What the view shows of a message's reactions. */
function shownBy(view: RoomView, message: number) {
  return view.getSnapshot().messages.find((each) => each.seq === message)?.reactions ?? []
}

/** The reactions to a message as the rows of the database have them, for one viewer. */
async function recounted(message: number, viewer: number) {
  const rows = await sql<{ reaction: string; count: number; own: boolean }[]>`
    select reaction, count(*)::int as count, bool_or(user_id = ${viewer}) as own from reactions
    where room_id = ${room} and seq = ${message} group by reaction order by reaction collate "C"`
  return rows.map(({ reaction, count, own }) => ({ reaction, count, own }))
}

function sorted(reactions: readonly { reaction: string; count: number; own: boolean }[]) {
  const plain = reactions.map(({ reaction, count, own }) => ({ reaction, count, own }))
  return plain.sort((a, b) => (a.reaction < b.reaction ? -1 : 1))
}

/** Holds once the devices, a new snapshot and a page of history show what the rows say. */
async function allShow(message: number, devices: readonly (readonly [who: Person, view: RoomView])[]) {
  for (const [turn, [who, view]] of devices.entries()) {
    const real = await recounted(message, who.id)
    await until(() => Bun.deepEquals(sorted(shownBy(view, message)), real), `device ${turn} to show the same`)
    const { api } = createClient({ url: nodeOf(turn).url, token: who.token, connect: false })
    const { reactions = [] } = await api.messages.get(room, message)
    expect(sorted(reactions)).toEqual(real)
    const snapshot = await api.rooms.snapshot(room, 20)
    expect(snapshot.messages.find((each) => each.seq === message)?.reactions ?? []).toEqual(reactions)
    expect([...shownBy(view, message)]).toEqual(reactions)
  }
}

test('a storm of 2,000 reactions through both nodes makes few events, and all are counted', async () => {
  const message = await say(first, room, owner(), 'words')
  const last = present(people.at(-1))
  const devices: [Person, RoomView][] = []
  for (const [who, node] of [
    [owner(), 0],
    [owner(), 1],
    [last, 1],
  ] as const)
    devices.push([who, await device(who, node)])
  const started = performance.now()
  const reacting: Promise<Reacted>[] = []
  for (let n = 0; n < 10; n++) {
    for (const [turn, who] of people.entries()) {
      reacting.push(nodeOf(turn + n).chat.reactions.react(room, who, seq(message), `r${n}`, true))
    }
    // So that the windows of several events fall into the storm.
    await Bun.sleep(40)
  }
  const done = await Promise.all(reacting)
  const seconds = (performance.now() - started) / 1000
  const events = await sql<{ seq: number; at: Date }[]>`
    select seq::float8 as seq, created_at as at from room_events
    where room_id = ${room} and type = 'reaction' and (payload ->> 'message')::bigint = ${message} order by seq`
  console.log(`${done.length} reactions in ${seconds.toFixed(2)} s, told by ${events.length} events`)
  expect(events.length).toBeLessThanOrEqual(2 + seconds * 8)
  const gaps = events.slice(1).map(({ at }, index) => at.getTime() - (events[index]?.at.getTime() ?? 0))
  expect(Math.min(...gaps, 125)).toBe(125)
  expect(new Set(done.map(({ shownAt }) => shownAt))).toEqual(new Set(events.map((event) => seq(event.seq))))
  expect(await recounted(message, 0)).toEqual(
    Array.from({ length: 10 }, (_, n) => ({ reaction: `r${n}`, count: 200, own: false })),
  )
  await allShow(message, devices)
}, 60_000)

test('whatever users toggle, on whichever node, over connections that are lost, all views agree with the rows', async () => {
  const seed = chooseSeed()
  console.log(`SEED=${seed} repeats what is done, though not in which order it comes`)
  const random = createRandom(seed)
  const actors = people.slice(0, 6)
  const messages: number[] = []
  for (let n = 0; n < 4; n++) messages.push(await say(first, room, owner(), `words ${n}`))
  const devices: [Person, RoomView][] = []
  for (const [turn, who] of [...actors, ...actors.slice(0, 2)].entries())
    devices.push([who, await device(who, turn)])
  for (let round = 0; round < 2; round++) {
    const acting: Promise<unknown>[] = []
    for (let act = 0; act < 60; act++) {
      const [, view] = devices[random.below(devices.length)] ?? []
      const message = messages[random.below(messages.length)] ?? 0
      const reaction = ['👍', '❤', 'tada', '+1'][random.below(4)] ?? '👍'
      acting.push(
        view?.react(message, reaction, random.below(3) > 0).catch(() => undefined) ?? Promise.resolve(),
      )
      const client = clients[clients.length - 1 - random.below(devices.length)]
      if (random.below(15) === 0) client?.disconnect()
      if (random.below(6) === 0) client?.connect()
      if (random.below(4) === 0) await Bun.sleep(random.below(60))
    }
    await Promise.all(acting)
    for (const client of clients.slice(-devices.length)) client.connect()
    for (const [, view] of devices)
      await until(() => view.getSnapshot().status === 'live', 'a device to be live')
    for (const message of messages) await allShow(message, devices)
  }
  const deleted = messages[0] ?? 0
  await devices[0]?.[1].delete(deleted)
  for (const [, view] of devices) {
    await until(
      () => view.getSnapshot().messages.find((each) => each.seq === deleted)?.deleted_at,
      'the tombstone',
    )
    expect(shownBy(view, deleted)).toEqual([])
  }
}, 120_000)
