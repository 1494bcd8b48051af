// What a user keeps privately, by number, and drafts: the same on all devices, on every node, however long they were away.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Draft, Drafted, DraftPage, PrivatePage, PrivateState } from '../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../src/core/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { call, expectProblem, get } from './rest/support/client.ts'
import { makeRoom, type Person, person, say } from './support/people.ts'
import { connect, type V2Client } from './support/v2-client.ts'

let redis: RedisServer
let app: TestApp
let other: TestApp
/** On the same database as the others, but without Redis: it learns of their writes from the database alone. */
let deaf: TestApp
let owner: Person
let member: Person
let room: RoomId
const clients: V2Client[] = []

beforeAll(async () => {
  redis = await startRedis()
  app = await startApp({ REDIS_URL: redis.url })
  const env = { DATABASE_URL: app.databaseUrl }
  other = await startApp({ ...env, REDIS_URL: redis.url })
  deaf = await startApp({ ...env, SOCKET_HEARTBEAT_MS: '200' })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member], 'private')
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all([app.close(), other.close(), deaf.close()])
  await redis.remove()
})

async function device(node: TestApp, who = member): Promise<V2Client> {
  const client = await connect(node, who)
  clients.push(client)
  return client
}

function follow(client: V2Client, after?: number, epoch?: string): Promise<PrivateState> {
  const place = { ...(after === undefined ? {} : { after }), ...(epoch === undefined ? {} : { epoch }) }
  return client.result({ type: 'private', ...place }, PrivateState)
}

function write(client: V2Client, text: string, more: object = {}, at = room): Promise<Drafted> {
  return client.result({ type: 'draft', room: at, text, ...more }, Drafted)
}

async function drafts(node = app): Promise<DraftPage> {
  return get(node, member, '/me/drafts', DraftPage)
}

describe('private state', () => {
  test('reaches the other devices on every node, and nobody else', async () => {
    const [writer, near, far, unheard] = [
      await device(app),
      await device(app),
      await device(other),
      await device(deaf),
    ]
    const plain = await device(app)
    const stranger = await device(app, owner)
    for (const client of [near, far, unheard, stranger]) await follow(client)
    const { draft } = await write(writer, 'Hello, W')
    for (const client of [near, far, unheard]) {
      const frame = await client.heard('private')
      expect(frame).toEqual({ type: 'private', after: 0, head: 1, entries: [{ type: 'draft', ...draft }] })
    }
    await write(writer, '')
    const gone = await far.heard('private', ({ head }) => head === 2)
    expect(gone.entries).toMatchObject([{ type: 'draft', room, text: '', reply_to: null }])
    // Those who have not asked, or are somebody else, hear nothing.
    await plain.ask({ type: 'ping' })
    await stranger.ask({ type: 'ping' })
    expect([...plain.all('private'), ...stranger.all('private'), ...writer.all('private')]).toEqual([])
  })

  test('comes to a device that was away, compacted, over the socket and over REST', async () => {
    const writer = await device(app)
    const rooms = [await makeRoom(app, owner, [member]), await makeRoom(app, owner, [member])] as const
    const begun = await follow(writer)
    expect(begun).toEqual({ entries: [], head: 0, more: false })
    await write(writer, 'one', {}, rooms[0])
    await write(writer, 'two', {}, rooms[1])
    await write(writer, 'one, again', {}, rooms[0])
    const back = await device(other)
    const { epoch } = await back.heard('hello')
    const all = await follow(back, begun.head, `${epoch}`)
    expect(
      all.entries.map((entry) => [entry.room, entry.private_seq, 'text' in entry && entry.text]),
    ).toEqual([
      [rooms[1], 2, 'two'],
      [rooms[0], 3, 'one, again'],
    ])
    expect(await follow(back, 2)).toMatchObject({ entries: [{ private_seq: 3 }], head: 3, more: false })
    const page = await get(app, member, '/me/private?after=1&limit=1', PrivatePage)
    expect(page).toMatchObject({ items: [{ private_seq: 2 }], head: 2 })
    const next = await get(app, member, `/me/private?cursor=${page.next}`, PrivatePage)
    expect(next).toMatchObject({ items: [{ private_seq: 3 }], head: 3, next: null })
    expect(next.reset).toBeUndefined()
  })

  test('begins anew after a number of another history', async () => {
    const client = await device(app)
    await write(client, 'kept')
    const anew = { entries: [{ text: 'kept' }], head: 1, more: false, reset: true }
    expect(await follow(client, 7)).toMatchObject(anew)
    expect(await follow(client, 1, '1-beefbeef.cafecafe.1')).toMatchObject(anew)
    expect(await get(app, member, '/me/private?after=7', PrivatePage)).toMatchObject({ reset: true, head: 1 })
  })

  test('ends with the membership, on all devices', async () => {
    const [writer, far] = [await device(app), await device(other)]
    await write(writer, 'begun')
    await follow(far)
    await app.chat.membership.remove({ id: room }, owner, member.id)
    const { entries } = await far.heard('private')
    expect(entries).toMatchObject([{ type: 'draft', room, text: '' }])
    await app.chat.membership.invite({ id: room }, owner, [member.id])
    await app.chat.membership.join({ id: room }, member)
    expect(await get(app, member, `/me/drafts/${room}`, Draft)).toMatchObject({ text: '', private_seq: 2 })
    expect((await drafts()).items).toEqual([])
  })
})

test('what a user keeps about a room ends with a ban, and with the room, on all devices at once', async () => {
  const second = await makeRoom(app, owner, [member])
  const [writer, far] = [await device(app), await device(other)]
  await write(writer, 'begun')
  await write(writer, 'begun', {}, second)
  const begun = await follow(far)
  const since = performance.now()
  await app.chat.moderation.ban({ id: room }, owner, member.id, {})
  const banned = await far.heard('private', ({ head }) => head === begun.head + 1)
  expect(banned.entries).toMatchObject([{ type: 'draft', room, text: '' }])
  await app.chat.rooms.remove({ id: second }, owner)
  const gone = await far.heard('private', ({ head }) => head === begun.head + 2)
  expect(gone.entries).toMatchObject([{ type: 'draft', room: second, text: '' }])
  // Sooner than by a comparison with the database.
  expect(performance.now() - since).toBeLessThan(5000)
})

describe('a draft', () => {
  test('is set, read, listed and removed over REST', async () => {
    const path = `/me/drafts/${room}`
    expect(await get(app, member, path, Draft)).toEqual({
      room,
      private_seq: 0,
      text: '',
      reply_to: null,
      at: null,
    })
    const reply_to = await say(app, room, owner, 'answered')
    const put = await call(app, member, 'PUT', path, { text: 'Hel', reply_to })
    expect(put).toMatchObject({ status: 200, json: { written: true, draft: { text: 'Hel', reply_to } } })
    expect(await drafts(other)).toMatchObject({ items: [{ room, text: 'Hel', reply_to }], next: null })
    const empty = await call(app, member, 'PUT', path, { text: '', reply_to })
    expect(empty).toMatchObject({ status: 200, json: { draft: { text: '', reply_to } } })
    for (const wrong of [0, reply_to + 1]) {
      const refused = await call(app, member, 'PUT', path, { text: 'Hello', reply_to: wrong })
      expectProblem(refused, 400, 'invalid', { field: 'reply_to' })
    }
    expect(await drafts()).toMatchObject({ items: [{ text: '', reply_to }] })
    const stale = await call(app, member, 'DELETE', `${path}?version=0`)
    // The removal is the later edit.
    expect(stale).toMatchObject({ status: 200, json: { written: true, draft: { text: '', reply_to: null } } })
    expect((await drafts()).items).toEqual([])
  })

  test('of two devices: the later of two edits stays, in whichever order they arrive', async () => {
    const [phone, laptop] = [await device(app), await device(other)]
    const { draft } = await write(phone, 'both have this')
    const version = draft.private_seq
    // The phone was offline when it was edited a minute ago; the laptop edits now.
    const now = await write(laptop, 'of the laptop', { version })
    expect(now.written).toBe(true)
    const late = await write(phone, 'of the phone', { version, edited_ago_ms: 60_000 })
    expect(late).toEqual({ written: false, draft: now.draft })
    const seen = await write(phone, 'of both', { version: late.draft.private_seq, edited_ago_ms: 60_000 })
    expect(seen).toMatchObject({ written: true, draft: { text: 'of both' } })
    expect((await drafts()).items).toEqual([seen.draft])
  })

  test('is refused to those who are not in the room, and beyond the bounds', async () => {
    const stranger = await person(app, 'stranger')
    const path = `/me/drafts/${room}`
    const body = { text: 'in vain' }
    await expectProblem(await call(app, stranger, 'PUT', path, body), 404, 'not_found')
    await expectProblem(await call(app, stranger, 'GET', path), 404, 'not_found')
    const open = await makeRoom(app, owner, [], 'public')
    await expectProblem(await call(app, stranger, 'PUT', `/me/drafts/${open}`, body), 403, 'forbidden')
    await app.chat.membership.invite({ id: room }, owner, [stranger.id])
    await expectProblem(await call(app, stranger, 'PUT', path, body), 403, 'forbidden')
    for (const text of ['x'.repeat(4001), 'a\0b', 'half \ud800'])
      await expectProblem(await call(app, member, 'PUT', path, { text }), 400, 'invalid')
    for (const wrong of [{}, { text: 7 }, { text: 'x', version: -1 }, { text: 'x', edited_ago_ms: 0.5 }])
      await expectProblem(await call(app, member, 'PUT', path, wrong), 400, 'invalid')
    const long = { text: '  ', edited_ago_ms: Number.MAX_SAFE_INTEGER, version: Number.MAX_SAFE_INTEGER }
    expect(await call(app, member, 'PUT', path, long)).toMatchObject({
      json: { written: true },
    })
  })

  test('takes nothing from the budget of messages', async () => {
    const client = await device(app)
    const before = app.chat.messages.remaining(member)
    for (let n = 0; n < 20; n++) await write(client, `${n}`)
    expect(app.chat.messages.remaining(member)).toBe(before)
    await until(async () => (await drafts()).items[0]?.text === '19', 'the last write')
  })
})
