// Views of one room over connections that take batches and over others, on two nodes: fed by one history, they are the same.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { type Client, createClient, type RoomSnapshot, type RoomView } from '../../src/client/index.ts'
import { type RoomId, type Seq, START } from '../../src/core/index.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { mostInKernel } from '../support/kernel-buffers.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { type Observed, observedSocket } from './support/observed-socket.ts'
import { LAST, SlowOutcome } from './support/slow-outcome.ts'

interface Viewer extends Observed {
  readonly client: Client
  view: RoomView
}

/** Each room gets a history of its own. */
const HISTORIES = 5
const BURST = 20
const BACKPRESSURE_BYTES = 65_536
const LONG = '一'.repeat(4000)
const LONG_BYTES = Buffer.byteLength(LONG)
const SLOW_CLIENT = join(import.meta.dir, 'support/slow-client.ts')

let redis: RedisServer
let nodes: readonly [TestApp, TestApp]
let owner: Person
let reader: Person
let guest: Person
let room: RoomId
/** The reader's: one that takes batches and one that does not, at each node. */
let viewers: Viewer[]

beforeAll(async () => {
  redis = await startRedis()
  const env = {
    REDIS_URL: redis.url,
    PRESENCE_GRACE_MS: '0',
    SOCKET_BACKPRESSURE_BYTES: String(BACKPRESSURE_BYTES),
  }
  const first = await startApp(env)
  nodes = [first, await startApp({ ...env, DATABASE_URL: first.databaseUrl })]
  owner = await person(first, 'owner')
  reader = await person(first, 'reader')
  guest = await person(first, 'guest')
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await redis.remove()
})

beforeEach(async () => {
  room = await makeRoom(nodes[0], owner, [reader], 'public')
  viewers = nodes.flatMap(({ url }) => [viewer(url, reader, true), viewer(url, reader, false)])
})
afterEach(async () => {
  await Promise.all(viewers.map(({ client }) => client.close()))
})

test('whatever happens in a room, clients with and without batches end with the same view', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 15 }), async (acts) => {
      room = await makeRoom(nodes[0], owner, [reader], 'public')
      for (const viewer of viewers) viewer.view = viewer.client.room(room)
      await Promise.all(viewers.map(({ view }) => view.open()))
      const own: Seq[] = []
      for (const happen of acts) await happen(own)
      await expectSame(await post(0, LAST))
      for (const { client } of viewers) client.forget(room)
    }),
    { numRuns: HISTORIES },
  )
  for (const [i, { batches }] of viewers.entries()) {
    if (i % 2 === 0) expect(batches()).toBeGreaterThan(0)
    else expect(batches()).toBe(0)
  }
})

test('a removal amid a burst ends the views of both clients of a node alike, and nothing after it is shown', async () => {
  await Promise.all(viewers.map(({ view }) => view.open()))
  const told: number[][] = viewers.map(({ client }) => {
    const seqs: number[] = []
    client.on('event', ({ seq }) => seqs.push(seq))
    return seqs
  })
  let isRemoved = false
  const goOn = async (at: 0 | 1) => {
    while (!isRemoved) await burst(at)
    await burst(at)
  }
  const removal = nodes[0].chat.membership.remove({ id: room }, owner, reader.id).then(() => {
    isRemoved = true
  })
  await Promise.all([goOn(0), goOn(1), removal])
  await until(() => viewers.every(({ view }) => view.getSnapshot().ended?.reason === 'removed'), 'the end')
  const { events } = await nodes[0].chat.messages.changes({ id: room }, owner, START, 10_000)
  const removedAt = events.find(({ type }) => type === 'removed')?.seq ?? 0
  const ends = viewers.map(({ view }) => endOf(view.getSnapshot()))
  expect(events.at(-1)?.seq).toBeGreaterThan(removedAt)
  // A node may hear of the removal before what precedes it: then its clients see less, but never more.
  expect(ends[0]).toEqual(ends[1])
  expect(ends[2]).toEqual(ends[3])
  for (const [i, { position, messages }] of ends.entries()) {
    expect(position).toBeLessThanOrEqual(removedAt)
    expect(messages.filter(({ seq }) => seq > removedAt)).toEqual([])
    expect(told[i]?.at(-1) ?? position).toBe(position)
    expectDense(told[i] ?? [])
  }
})

test('a client with batches that reads slowly is cut off between frames, and has everything in the end', async () => {
  const [node] = nodes
  await node.chat.membership.join({ id: room }, guest)
  const witness = viewer(node.url, owner, false)
  const folder = await mkdtemp(join(tmpdir(), 'parley-slow-'))
  const file = join(folder, 'go on')
  const slow = Bun.spawn([process.execPath, SLOW_CLIENT, node.url, guest.token, String(room), file], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  try {
    await witness.view.open()
    await until(() => witness.view.getSnapshot().typing[0]?.id === guest.id, 'the slow client to be there')
    const most = mostInKernel() + 4 * BACKPRESSURE_BYTES
    for (let bytes = 0; bytes < most; bytes += 100 * LONG_BYTES) {
      await Promise.all(Array.from({ length: 100 }, () => post(0, LONG)))
    }
    await Bun.write(file, '')
    const last = await post(0, LAST)
    const outcome = Value.Parse(SlowOutcome, JSON.parse(await slow.stdout.text()))
    expect(outcome.closes.length).toBeGreaterThan(0)
    expect(outcome.batches).toBeGreaterThan(0)
    expectDense(outcome.seqs)
    expect(outcome.seqs.at(-1)).toBe(last)
    expect(outcome.notified).toBeLessThan(outcome.seqs.length / 2)
    expectDense(outcome.shown)
    expect(outcome.shown.at(-1)).toBe(last)
  } finally {
    slow.kill()
    await slow.exited
    await witness.client.close()
    await rm(folder, { recursive: true })
  }
})

type Act = (own: Seq[]) => Promise<unknown>

const where = fc.constantFrom(0 as const, 1 as const)
const index = fc.nat({ max: 30 })

/** What happens in the room, at one of the nodes. `own` are the numbers of the owner's messages that are not deleted. */
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: where.map(
      (at): Act =>
        async (own) =>
          void own.push(...(await burst(at))),
    ),
  },
  // Revisions among new messages, so that they come in one batch.
  {
    weight: 3,
    arbitrary: fc.tuple(where, index, index).map(
      ([at, edited, deleted]): Act =>
        async (own) => {
          const { messages } = nodes[at].chat
          const edit = own[edited % Math.max(1, own.length)]
          const [gone] = own.length < 2 ? [] : own.splice(deleted % own.length, 1)
          const said = await Promise.all([
            burst(at),
            edit === undefined ||
              edit === gone ||
              messages.edit({ id: room }, owner, { seq: edit }, `edit ${at}`),
            gone === undefined || messages.remove({ id: room }, owner, { seq: gone }),
            burst(at),
          ])
          own.push(...said[0], ...said[3])
        },
    ),
  },
  fc.tuple(where, fc.boolean()).map(
    ([at, joins]): Act =>
      () =>
        Promise.all([
          burst(at),
          joins
            ? nodes[at].chat.membership.join({ id: room }, guest)
            : nodes[at].chat.membership.leave({ id: room }, guest).catch(() => undefined),
        ]),
  ),
  fc.tuple(where, fc.string({ maxLength: 5, unit: fc.constantFrom('a', 'b') })).map(
    ([at, description]): Act =>
      () =>
        nodes[at].chat.rooms.describe({ id: room }, owner, { description }),
  ),
  fc.nat({ max: 3 }).map(
    (who): Act =>
      async () =>
        viewers[who]?.cut(),
  ),
  fc.nat({ max: 3 }).map(
    (who): Act =>
      async () =>
        viewers[who]?.view.read(),
  ),
)

/** Says something as the owner, at a node. @returns its number */
async function post(at: 0 | 1, body: string): Promise<Seq> {
  const message = { body, kind: 'text', clientId: null, replyTo: null, details: null }
  return (await nodes[at].chat.messages.post(room, owner, message)).seq
}

/** So many messages of the owner's at once. @returns their numbers */
function burst(at: 0 | 1): Promise<Seq[]> {
  return Promise.all(Array.from({ length: BURST }, (_, n) => post(at, `message ${n}`)))
}

function viewer(url: string, { token }: Person, asks: boolean): Viewer {
  const observed = observedSocket(asks)
  const client = createClient({ url, token, network: null, WebSocket: observed.Socket, random: () => 0.01 })
  return { ...observed, client, view: client.room(room) }
}

function isThere(view: RoomView, seq: number): boolean {
  const { status, position } = view.getSnapshot()
  return status === 'live' && position === seq
}

/** Everything that has come, once it has. Who is online at a node is told in its own time. */
async function expectSame(last: number): Promise<void> {
  await until(() => viewers.every(({ view }) => isThere(view, last)), 'everything')
  const shown = () => viewers.map(({ view }) => comparable(view.getSnapshot()))
  const isSame = () => shown().every((one, _, all) => Bun.deepEquals(one, all[0]))
  await until(isSame, 'the same view', 5000).catch(() => undefined)
  const [first, ...others] = shown()
  for (const one of others) expect<unknown>(one).toEqual(first)
}

/** Marks may be on their way when a view ends. */
function endOf({ position, messages, ended }: RoomSnapshot) {
  return { position, messages, ended }
}

/** Each once, in order. */
function expectDense(seqs: readonly number[]): void {
  expect(seqs).toEqual(Array.from(seqs, (_, i) => (seqs[0] ?? 0) + i))
}

function comparable({ room, position, messages, hasOlder, members, memberCount, ...rest }: RoomSnapshot) {
  const { unread, readSeq } = rest
  return { room, position, messages, hasOlder, members, memberCount, unread, readSeq }
}
