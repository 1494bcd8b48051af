// A stream that is continued on another node, after an id of any age, leads to the same rooms as one that was never cut.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect } from 'node:net'
import type { Message, ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import { isSeq, START } from '../../../../src/core/index.ts'
import { chooseSeed, createRandom } from '../../../e2e/random.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { type RedisServer, startRedis } from '../../../support/redis-server.ts'
import { until } from '../../../support/until.ts'
import { EventReader } from '../support/event-reader.ts'
import { makeRoom, type Person, pair, say } from '../support/people.ts'

let redis: RedisServer
let nodes: [TestApp, TestApp]

beforeAll(async () => {
  redis = await startRedis()
  const one = await startApp({ REDIS_URL: redis.url, RESUME_LIMIT: '150' })
  nodes = [one, await startApp({ REDIS_URL: redis.url, RESUME_LIMIT: '150', DATABASE_URL: one.databaseUrl })]
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await redis.remove()
})

/** What a client has of its rooms: each message by its number, and the position. */
class Rooms {
  readonly messages: Map<number, Map<number, Message>>
  readonly positions: Map<number, number>
  readonly faults: string[] = []

  constructor(from?: Rooms) {
    this.messages = new Map([...(from?.messages ?? [])].map(([room, known]) => [room, new Map(known)]))
    this.positions = new Map(from?.positions)
  }

  apply(frame: ServerFrame): void {
    if (frame.type === 'result' && 'snapshot' in frame.data && frame.data.snapshot !== null) {
      const { room, head, snapshot } = frame.data
      this.messages.set(room, new Map(snapshot.messages.map((message) => [message.seq, message])))
      this.positions.set(room, head)
    } else if (frame.type === 'changes') {
      if (frame.after > this.#at(frame.room)) this.faults.push(`a gap before ${frame.after} in ${frame.room}`)
      for (const event of frame.events) this.#take(event)
      this.positions.set(frame.room, Math.max(frame.to, this.#at(frame.room)))
    } else if ('seq' in frame && frame.type !== 'live') {
      const at = this.#at(frame.room)
      if (frame.seq > at + 1) this.faults.push(`a gap before ${frame.seq} in ${frame.room}`)
      if (frame.seq <= at) return
      this.#take(frame)
      this.positions.set(frame.room, frame.seq)
    }
  }

  /** Messages that were sent after a number: what came before may not be in a snapshot. */
  since(room: number, seq: number): (Message | undefined)[] {
    const known = this.messages.get(room) ?? new Map<number, Message>()
    return [...known.keys()]
      .filter((each) => each > seq)
      .sort((a, b) => a - b)
      .map((each) => known.get(each))
  }

  #at(room: number): number {
    return this.positions.get(room) ?? 0
  }

  #take(frame: ServerFrame): void {
    if (frame.type !== 'message' && frame.type !== 'edited' && frame.type !== 'deleted') return
    const { message } = frame
    const known = this.messages.get(message.room) ?? new Map<number, Message>()
    const before = known.get(message.seq)
    if ((before?.version ?? 0) <= (message.version ?? 0)) known.set(message.seq, message)
    this.messages.set(message.room, known)
  }
}

test('an id of any age continues on either node', async () => {
  const random = createRandom(chooseSeed())
  const [one, other] = nodes
  const [ann, ben] = await pair(one)
  const rooms = await Promise.all([
    makeRoom(one, ann, [ben]),
    makeRoom(one, ann, [ben]),
    makeRoom(one, ben, [ann]),
  ])
  const url = (node: TestApp) => `${node.url}/api/v2/events?limit=200`
  const whole = await EventReader.open({ url: url(one), token: ann.token })
  await whole.until(() => whole.of('state').length === rooms.length && whole.id !== '', 'the stream to begin')
  const ids: { readonly id: string; readonly upTo: number }[] = []
  for (let act = 0; act < 120; act++) {
    const node = nodes[random.below(2)] ?? one
    const room = rooms[random.below(rooms.length)] ?? rooms[0]
    await actIn(node, room, ann, ben)
    if (whole.id !== ids.at(-1)?.id) ids.push({ id: whole.id, upTo: whole.frames.length })
  }
  const last = await Promise.all(rooms.map((room) => say(one, room, ben, 'the last')))
  await whole.until(() => rooms.every((room, at) => whole.seqs(room).includes(last[at] ?? 0)), 'everything')
  const truth = new Rooms()
  for (const frame of whole.frames) truth.apply(frame)
  expect(truth.faults).toEqual([])
  expect(ids.length).toBeGreaterThan(10)
  for (const { id, upTo } of ids.filter((_, at) => at % Math.ceil(ids.length / 8) === 0)) {
    const resumed = new Rooms()
    for (const frame of whole.frames.slice(0, upTo)) resumed.apply(frame)
    const again = await EventReader.open({ url: url(other), token: ann.token, lastEventId: id })
    await again.until(() => again.of('state').length === rooms.length, 'the rooms to be live')
    for (const frame of again.frames) resumed.apply(frame)
    expect(resumed.faults).toEqual([])
    for (const room of rooms) {
      expect(resumed.positions.get(room)).toBe(truth.positions.get(room))
      expect(resumed.since(room, 0)).toEqual(truth.since(room, 0))
    }
    await again.close()
  }
  await whole.close()

  async function actIn(node: TestApp, room: (typeof rooms)[number], mine: Person, theirs: Person) {
    const seq = await say(node, room, random.below(2) === 0 ? mine : theirs, `message ${random.below(1000)}`)
    const at = { seq: isSeq(seq) ? seq : START }
    const sender = random.below(2) === 0 ? mine : theirs
    const kind = random.below(4)
    if (kind === 0) await node.chat.messages.edit({ id: room }, sender, at, 'edited').catch(() => undefined)
    if (kind === 1) await node.chat.messages.remove({ id: room }, sender, at).catch(() => undefined)
    if (kind === 2) await Bun.sleep(random.below(8))
  }
})

test('a thousand streams get what is said, and leave nothing behind', async () => {
  const [app] = nodes
  const [ann, ben] = await pair(app)
  const room = await makeRoom(app, ann, [ben])
  const big = await startApp({
    DATABASE_URL: app.databaseUrl,
    MAX_CONNECTIONS_PER_USER: '2000',
    MAX_CONNECTIONS_PER_ADDRESS: '2000',
  })
  const texts = Array.from({ length: 1000 }, () => '')
  const path = `/api/v2/events?rooms=${room}&limit=0&signals=none`
  const sockets = texts.map((_, n) => {
    const socket = connect(Number(new URL(big.url).port), '127.0.0.1')
    socket.on('data', (data) => {
      texts[n] += data.toString()
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ann.token}\r\n\r\n`)
    return socket
  })
  await until(() => texts.every((text) => text.includes('"type":"state"')), 'all streams to be live')
  const before = process.memoryUsage().rss
  for (const body of ['to all', 'again']) await say(big, room, ben, body)
  await until(() => texts.every((text) => text.includes('again')), 'both messages at all')
  for (const text of texts) expect(text.match(/"type":"message"/g)).toHaveLength(2)
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  for (const socket of sockets) socket.destroy()
  await until(() => big.core.feed.size === 0, 'the room to be followed no more')
  await big.close()
})
