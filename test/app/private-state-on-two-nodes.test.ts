// Two nodes over one database and one Redis: devices of a user act at random, lose their connections, and agree in the end.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { MessagePage, PrivateState, Room, SavedPage } from '../../src/api/v2/wire/index.ts'
import type { PrivateEntry } from '../../src/api/v2/wire/private.ts'
import type { RoomId } from '../../src/core/index.ts'
import { call, expectProblem, get } from '../api/v2/rest/support/client.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { connect, type V2Client } from '../api/v2/support/v2-client.ts'
import { present } from '../core/fakes/values.ts'
import { chooseSeed, createRandom } from '../e2e/random.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let nodes: TestApp[]
let app: TestApp
let owner: Person

beforeAll(async () => {
  redis = await startRedis()
  app = await startApp({ REDIS_URL: redis.url, SOCKET_HEARTBEAT_MS: '500' })
  const env = { DATABASE_URL: app.databaseUrl, REDIS_URL: redis.url, SOCKET_HEARTBEAT_MS: '500' }
  nodes = [app, await startApp(env)]
  owner = await person(app, 'owner')
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await redis.remove()
})

/** A device that follows the user's private state by the rules of the page, through lost connections. */
class Device {
  readonly entries = new Map<string, PrivateEntry>()
  position = 0
  #client: V2Client | null = null
  #taken = 0

  async online(who: Person, node: TestApp): Promise<V2Client> {
    if (this.#client !== null) return this.#client
    this.#client = await connect(node, who)
    this.#taken = 0
    const state = await this.#client.result({ type: 'private', after: this.position }, PrivateState)
    expect([state.more, state.reset]).toEqual([false, undefined])
    for (const entry of state.entries) this.#apply(entry)
    this.position = state.head
    return this.#client
  }

  async offline(): Promise<void> {
    this.take()
    await this.#client?.close()
    this.#client = null
  }

  take(): void {
    const frames = this.#client?.all('private') ?? []
    for (const { after, head, entries } of frames.slice(this.#taken)) {
      // Nothing is missing between two frames of a connection.
      expect(after).toBeLessThanOrEqual(this.position)
      for (const entry of entries) this.#apply(entry)
      this.position = Math.max(this.position, head)
    }
    this.#taken = frames.length
  }

  #apply(entry: PrivateEntry): void {
    const key = `${entry.type} ${entry.room} ${'seq' in entry ? entry.seq : 0}`
    if ((this.entries.get(key)?.private_seq ?? 0) < entry.private_seq) this.entries.set(key, entry)
  }
}

test('devices that act at random on two nodes agree in the end, and with the database', async () => {
  const random = createRandom(chooseSeed())
  const who = await person(app, 'devices')
  const rooms = [
    await makeRoom(app, owner, [who], 'public'),
    await makeRoom(app, owner, [who], 'public'),
  ] as const
  const last = new Map<RoomId, number>()
  for (const room of rooms) for (let n = 0; n < 5; n++) last.set(room, await say(app, room, owner, `${n}`))
  const devices = Array.from({ length: 3 }, () => new Device())
  for (let step = 0; step < 150; step++) {
    const device = present(devices[random.below(devices.length)])
    const room = present(rooms[random.below(rooms.length)])
    const client = await device.online(who, present(nodes[random.below(nodes.length)]))
    const seq = 1 + random.below(present(last.get(room)))
    device.take()
    const known = device.entries.get(`draft ${room} 0`)?.private_seq ?? 0
    switch (random.below(7)) {
      case 0:
      case 1:
        client.send({
          type: 'draft',
          room,
          text: `${step}`,
          version: known,
          edited_ago_ms: random.below(500),
        })
        break
      case 2:
        client.send({ type: 'save', room, seq, on: random.below(3) > 0 })
        break
      case 3:
        client.send({ type: 'mark_unread', room, seq })
        break
      case 4:
        client.send({ type: 'read', room, seq })
        break
      case 5:
        await device.offline()
        break
      default:
        if (random.below(4) === 0) {
          await app.chat.membership.leave({ id: room }, who)
          await app.chat.membership.join({ id: room }, who)
          last.set(room, await say(app, room, owner, `${step}`))
        } else if (random.below(2) === 0) last.set(room, await say(app, room, owner, `${step}`))
    }
  }
  const witness = new Device()
  await Promise.all(
    devices.map(async (device, index) =>
      (await device.online(who, present(nodes[index % 2]))).ask({ type: 'ping' }),
    ),
  )
  const heads = () => app.chat.privateState.numbers([who.id])
  await until(async () => {
    const head = (await heads()).get(who.id) ?? 0
    for (const device of devices) device.take()
    return devices.every((device) => device.position === head) && (await heads()).get(who.id) === head
  }, 'all devices to have everything')
  await witness.online(who, app)
  const state = (device: Device) => Object.fromEntries([...device.entries].toSorted())
  for (const device of devices) expect(state(device)).toEqual(state(witness))
  for (const room of rooms) {
    const mark = witness.entries.get(`mark ${room} 0`)
    const view = await get(app, who, `/rooms/${room}`, Room)
    if (mark?.type === 'mark' && mark.marked_unread) expect(view.read_seq).toBe(mark.read_seq)
    const page = await get(app, who, `/rooms/${room}/messages?after=${view.read_seq}&limit=200`, MessagePage)
    expect(view.unread).toBe(page.items.length)
  }
  const saved = [...witness.entries.values()].flatMap((entry) =>
    entry.type === 'saved' && entry.saved ? [`${entry.room} ${entry.seq}`] : [],
  )
  const listed = await get(app, who, '/me/saved?limit=200', SavedPage)
  expect(listed.items.map(({ message }) => `${message.room} ${message.seq}`).toSorted()).toEqual(
    saved.toSorted(),
  )
  for (const device of [...devices, witness]) await device.offline()
}, 60_000)

test('saved messages are listed to those who may read them, and come back with the right to', async () => {
  const who = await person(app, 'saver')
  const [open, closed] = [
    await makeRoom(app, owner, [who], 'public'),
    await makeRoom(app, owner, [who], 'private'),
  ]
  const [first, second] = [await say(app, open, owner, 'open'), await say(app, closed, owner, 'closed')]
  const put = (room: number, seq: number) => call(app, who, 'PUT', `/me/saved/${room}/${seq}`)
  expect((await put(open, first)).json).toMatchObject({ saved: true, private_seq: 1 })
  await put(closed, second)
  const bodies = async () =>
    (await get(app, who, '/me/saved', SavedPage)).items.map(({ message }) => message.body)
  expect(await bodies()).toEqual(['closed', 'open'])
  const page = await get(app, who, '/me/saved?limit=1', SavedPage)
  expect((await get(app, who, `/me/saved?limit=1&cursor=${page.next}`, SavedPage)).items).toMatchObject([
    { message: { body: 'open' } },
  ])
  await app.chat.membership.leave({ id: open }, who)
  await app.chat.membership.remove({ id: closed }, owner, who.id)
  // Whoever is signed in may read a public room.
  expect(await bodies()).toEqual(['open'])
  expectProblem(await put(closed, second), 404, 'not_found')
  expectProblem(await put(open, 9999), 404, 'not_found')
  await app.chat.membership.invite({ id: closed }, owner, [who.id])
  expect(await bodies()).toEqual(['open'])
  await app.chat.membership.join({ id: closed }, who)
  expect(await bodies()).toEqual(['closed', 'open'])
  await app.chat.rooms.remove({ id: closed }, owner)
  expect(await bodies()).toEqual(['open'])
})

test('what others are shown of the marks does not move back', async () => {
  const who = await person(app, 'reader')
  const room = await makeRoom(app, owner, [who])
  const seqs = [await say(app, room, owner, 'a'), await say(app, room, owner, 'b')] as const
  const watching = await connect(present(nodes[1]), owner)
  await watching.ask({ type: 'subscribe', room })
  const device = await connect(app, who)
  await device.ask({ type: 'read', room, seq: seqs[1] })
  await watching.heard('marks', ({ user, read_seq }) => user === who.id && read_seq === seqs[1])
  const answer = await device.ask({ type: 'mark_unread', room, seq: seqs[0] })
  expect(answer).toMatchObject({ data: { read_seq: seqs[0] - 1, delivered_seq: seqs[1], unread: 2 } })
  const later = await say(app, room, owner, 'c')
  await device.ask({ type: 'read', room, seq: seqs[0] })
  await device.ask({ type: 'read', room, seq: later })
  await watching.heard('marks', ({ user, read_seq }) => user === who.id && read_seq === later)
  const shown = watching.all('marks').flatMap(({ user, read_seq }) => (user === who.id ? read_seq : []))
  expect(shown).toEqual([...new Set(shown)].toSorted((a, b) => a - b))
  expect(shown.includes(seqs[0])).toBe(false)
  const stranger = await person(app, 'stranger')
  expectProblem(await call(app, stranger, 'PUT', `/rooms/${room}/marks/unread`, { seq: 1 }), 404, 'not_found')
  await Promise.all([watching.close(), device.close()])
})
