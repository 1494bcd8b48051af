import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { all, type Client, createClient, ParleyError, register, signIn } from '../../src/client/index.ts'
import { routesOf } from '../api/support/routes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { manualClock } from './support/manual-clock.ts'
import { signUp } from './support/people.ts'
import { startScriptedServer } from './support/scripted-server.ts'

const DAY_MS = 86_400_000

let folder: string
let app: TestApp
const clients: Client[] = []
/** What the clients have requested: method and path. */
const requested: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-api-'))
  app = await startApp({ ATTACHMENTS_DIR: folder })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

test('every route is a call, and every call reaches its route', async () => {
  const [alice, bob] = [await signUp(app.url, 'alice'), await signUp(app.url, 'bob')]
  const called = new Set<string>()
  const { api } = connect(alice.token)
  const a = recorded(api, called)
  const b = recorded(connect(bob.token).api, called)

  expect(await a.me.get()).toMatchObject({ id: alice.user.id, first_name: '' })
  expect(await a.me.update({ first_name: 'Alice' })).toMatchObject({ first_name: 'Alice', last_name: '' })
  expect((await a.users.search({ search: bob.user.username, limit: 1 })).items).toMatchObject([
    { id: bob.user.id },
  ])
  expect(await a.users.get(bob.user.id)).toMatchObject({ username: bob.user.username })
  expect((await a.me.ticket()).expires_in_ms).toBeGreaterThan(0)
  const second = await a.me.issueToken()
  expect((await a.me.tokens()).items).toHaveLength(2)
  await a.me.revokeOtherTokens()
  await expect(connect(second.token).api.me.get()).rejects.toMatchObject({ code: 'unauthenticated' })
  const passwords = { current_password: 'correct horse battery staple', new_password: 'another one' }
  expect(await a.me.changePassword(passwords)).toBeNull()

  const name = `api ${crypto.randomUUID()}`
  const made = await a.rooms.create({ name, kind: 'private' })
  const room = made.id
  expect(await a.rooms.update(room, { description: 'What we build' })).toMatchObject({
    description: 'What we build',
  })
  expect(await a.rooms.get(room)).toMatchObject({ role: 'owner' })
  expect((await a.rooms.list()).items.map(({ id }) => id)).toContain(room)
  expect((await a.rooms.search(name.slice(0, -1))).items).toMatchObject([{ id: room }])
  expect((await a.invitations.invite(room, [bob.user.id])).items).toMatchObject([{ id: bob.user.id }])
  expect((await a.invitations.list(room)).items).toMatchObject([{ user: { id: bob.user.id } }])
  expect((await b.rooms.list({ scope: 'invited' })).items).toMatchObject([{ id: room, invited: true }])
  await a.invitations.withdraw(room, bob.user.id)
  await a.invitations.invite(room, [bob.user.id])
  await b.invitations.decline(room)
  await a.invitations.invite(room, [bob.user.id])
  expect(await b.rooms.join(room)).toMatchObject({ role: 'member', member_count: 2 })
  expect((await a.members.list(room)).items).toHaveLength(2)
  expect(await a.members.setRole(room, bob.user.id, 'admin')).toMatchObject({ role: 'admin' })
  expect(await b.members.get(room, 'me')).toMatchObject({ role: 'admin' })

  const sent = await a.messages.send(room, { body: 'Hi' }, 'key-1')
  expect(await a.messages.send(room, { body: 'Hi' }, 'key-1')).toEqual(sent)
  expect(await a.messages.get(room, sent.seq)).toEqual(sent)
  expect((await b.unread()).items).toMatchObject([{ room, unread: 1 }])
  expect((await b.recent()).items).toMatchObject([{ room: { id: room }, last_message: sent }])
  expect(await b.search({ q: 'anything', sender: 'me', after: new Date() })).toEqual({
    items: [],
    next: null,
  })
  expect(await b.messages.react(room, sent.seq, '👍', true)).toMatchObject({ reaction: '👍', on: true })
  expect((await a.messages.reactions(room, sent.seq, { reaction: '👍' })).items).toMatchObject([
    { user: { id: bob.user.id } },
  ])
  expect(await b.messages.react(room, sent.seq, '👍', false)).toMatchObject({ on: false })
  expect(await a.pins.set(room, sent.seq, true)).toMatchObject({ seq: sent.seq, on: true })
  expect((await b.pins.list(room)).items).toMatchObject([
    { seq: sent.seq, pinned: { by: { id: alice.user.id } } },
  ])
  expect(await a.pins.set(room, sent.seq, false)).toMatchObject({ on: false })
  const answer = await b.messages.send(room, { body: 'Hi!', reply_to: sent.seq })
  expect(await a.threads.get(room, answer.seq, { limit: 5 })).toMatchObject({
    message: { seq: sent.seq, thread: { replies: 1 } },
    items: [answer],
    own: { following: true, unread: 1 },
  })
  expect((await a.threads.followed()).items).toMatchObject([{ own: { root: sent.seq } }])
  expect(await a.threads.read(room, sent.seq, answer.seq)).toMatchObject({ unread: 0 })
  expect(await a.threads.follow(room, sent.seq, false)).toMatchObject({ following: false })
  expect(await a.threads.follow(room, sent.seq, true)).toMatchObject({ following: true })
  await b.messages.delete(room, answer.seq)
  expect(await a.messages.edit(room, sent.seq, 'Hi!')).toMatchObject({ body: 'Hi!' })
  expect(await a.messages.tell(room, { user: bob.user.id, body: 'Only you' })).toMatchObject({ room })
  expect((await b.messages.revisions(room, sent.seq)).items).toMatchObject([
    { version: sent.seq, body: 'Hi' },
  ])
  expect((await b.messages.page(room, { before: sent.seq + 1, limit: 1 })).items).toMatchObject([
    { body: 'Hi!' },
  ])
  const parts: number[] = []
  const file = await a.attachments.upload(room, new Blob(['a plan']), {
    name: 'plan.txt',
    onProgress: (part) => parts.push(part),
  })
  expect([file.name, file.type, parts]).toEqual(['plan.txt', 'text/plain', [0, 1]])
  expect(await a.attachments.get(room, file.id)).toMatchObject({ id: file.id, size: 6 })
  const withFile = await a.messages.send(room, { body: '', attachments: [file.id] })
  expect(withFile.attachments).toMatchObject([{ id: file.id, name: 'plan.txt' }])
  const { items } = await b.attachments.list(room, [file.id])
  expect(await (await fetch(items[0]?.url ?? '')).text()).toBe('a plan')
  await a.messages.delete(room, withFile.seq)
  await expect(a.attachments.place(room, 'a', 1)).rejects.toMatchObject({ code: 'conflict' })
  await expect(a.attachments.complete(room, 'x')).rejects.toMatchObject({ code: 'conflict' })
  const ended = new AbortController()
  ended.abort()
  const late = a.attachments.upload(room, new Blob(['x']), { signal: ended.signal })
  await expect(late).rejects.toMatchObject({ code: 'stopped' })
  const report = (await b.moderation.report(room, sent.seq, 'spam')).report
  expect((await a.moderation.reports(room)).items).toMatchObject([{ id: report, seq: sent.seq }])
  expect(await a.moderation.resolve(room, report, 'dismissed')).toMatchObject({ id: report })
  expect(await a.moderation.mute(room, bob.user.id)).toBeNull()
  expect((await a.moderation.mutes(room)).items).toMatchObject([{ user: { id: bob.user.id } }])
  await expect(b.messages.send(room, { body: 'Hi' })).rejects.toMatchObject({
    code: 'muted',
    retryable: false,
  })
  expect(await a.moderation.unmute(room, bob.user.id)).toBeNull()
  expect((await a.moderation.audit(room, { limit: 1 })).items).toMatchObject([{ action: 'unmute' }])
  expect(await a.messages.delete(room, sent.seq)).toMatchObject({ body: '' })
  expect((await b.messages.page(room)).items).toEqual([])
  expect((await b.messages.page(room, { tombstones: true })).items).toHaveLength(3)
  expect((await b.changes(room, { after: answer.seq })).items.at(-1)).toMatchObject({ type: 'deleted' })
  expect(await b.rooms.snapshot(room, 0)).toMatchObject({ messages: [], has_older: true })
  expect(await b.rooms.mark(room, { read_seq: sent.seq })).toMatchObject({ read_seq: sent.seq, unread: 0 })
  expect((await b.rooms.presence(room)).online_count).toBeGreaterThanOrEqual(0)
  expect(await a.directs.open(bob.user.id)).toMatchObject({ kind: 'direct', other: { id: bob.user.id } })

  expect(await b.drafts.set(room, { text: 'begun' })).toMatchObject({ written: true })
  const draft = await b.drafts.get(room)
  expect((await b.drafts.list()).items).toEqual([draft])
  expect((await b.privateState({ after: draft.private_seq - 1 })).items).toMatchObject([{ text: 'begun' }])
  expect(await b.drafts.remove(room, draft.private_seq)).toMatchObject({ draft: { text: '' } })
  expect(await b.rooms.markUnread(room, sent.seq)).toMatchObject({ read_seq: sent.seq - 1 })
  const kept = await a.messages.send(room, { body: 'worth it' })
  expect(await b.saved.set(room, kept.seq, true)).toMatchObject({ saved: true })
  expect((await b.saved.list()).items).toMatchObject([{ message: { seq: kept.seq } }])
  expect(await b.saved.set(room, kept.seq, false)).toMatchObject({ saved: false })
  const named = await a.messages.send(room, { body: 'Bob?', mentions: { users: [bob.user.id] } })
  expect((await b.mentions()).items).toEqual([named])
  expect(await b.rooms.setNotifications(room, { level: 'mentions' })).toMatchObject({ level: 'mentions' })
  expect(await b.rooms.notifications(room)).toMatchObject({ level: 'mentions', thread: null })
  const muted = await b.rooms.setNotifications(room, { level: 'none' }, named.seq)
  expect(await b.rooms.notifications(room, named.seq)).toEqual(muted)
  expect(await b.rooms.unsetNotifications(room, named.seq)).toMatchObject({ level: null })
  expect((await b.me.changes({ after: 0 })).items.some((change) => change.room === room)).toBe(true)
  await b.rooms.leave(room)
  await a.invitations.invite(room, [bob.user.id])
  await b.rooms.join(room)
  await a.members.remove(room, bob.user.id)
  expect(await a.moderation.ban(room, bob.user.id, { reason: 'spam', until: null })).toBeNull()
  expect((await a.moderation.bans(room)).items).toMatchObject([{ user: { id: bob.user.id }, reason: 'spam' }])
  await expect(b.rooms.join(room)).rejects.toMatchObject({ code: 'not_found' })
  expect(await a.moderation.unban(room, bob.user.id)).toBeNull()
  expect(await b.blocks.block(made.creator?.id ?? 0)).toBeNull()
  expect((await b.blocks.list()).items).toMatchObject([{ user: made.creator }])
  expect(await b.blocks.unblock(made.creator?.id ?? 0)).toBeNull()
  await a.rooms.delete(room)
  await expect(a.rooms.get(room)).rejects.toMatchObject({ code: 'not_found', retryable: false })
  await b.me.revokeToken('current')

  expect([...namesOf(api)].filter((name) => !called.has(name))).toEqual([])
  expect(await routesWithoutRequest()).toEqual([])
})

test('rooms are found by name, the given number of them', async () => {
  const { token } = await signUp(app.url)
  const { api } = connect(token)
  const start = crypto.randomUUID()
  for (const end of ['b', 'a', 'c']) await api.rooms.create({ name: `${start} ${end}`, kind: 'private' })
  const found = async (query?: { limit: number }) =>
    (await api.rooms.search(start.toUpperCase(), query)).items.map(({ name }) => name)
  expect(await found()).toEqual([`${start} a`, `${start} b`, `${start} c`])
  expect(await found({ limit: 2 })).toEqual([`${start} a`, `${start} b`])
  await expect(api.rooms.search('')).rejects.toMatchObject({ code: 'invalid', field: 'name' })
})

test('the rooms with the latest messages come first, page after page', async () => {
  const { token } = await signUp(app.url)
  const { api } = connect(token)
  const rooms: number[] = []
  for (let i = 0; i < 3; i++) {
    rooms.push((await api.rooms.create({ name: `recent ${crypto.randomUUID()}`, kind: 'private' })).id)
  }
  for (const room of rooms) await api.messages.send(room, { body: `in ${room}` })
  const recent = await Array.fromAsync(all((page) => api.recent({ ...page, limit: 2 })))
  expect(recent.map(({ room, last_message }) => [room.id, last_message?.body])).toEqual(
    rooms.toReversed().map((room) => [room, `in ${room}`]),
  )
})

test('messages are found by their words, page after page', async () => {
  const { token } = await signUp(app.url)
  const client = connect(token)
  const { id: room } = await client.api.rooms.create({
    name: `found ${crypto.randomUUID()}`,
    kind: 'private',
  })
  const sent: string[] = []
  for (let n = 0; n < 25; n++) sent.push((await client.api.messages.send(room, { body: `needle ${n}` })).body)
  await until(async () => (await client.api.search({ q: 'needle 24', room })).items.length === 1, 'the index')
  const found = await Array.fromAsync(
    client.search('needle', { room, before: new Date(Date.now() + DAY_MS) }),
  )
  expect(found.map(({ message }) => message.body)).toEqual(sent.toReversed())
  expect(found[0]?.excerpt).toEqual([
    { text: 'needle', match: true },
    { text: ' 24', match: false },
  ])
  await expect(client.search('x').next()).rejects.toMatchObject({ code: 'invalid', field: 'q' })
})

test('a list is read page after page', async () => {
  const { token } = await signUp(app.url)
  const { api } = connect(token)
  for (let i = 0; i < 3; i++) await api.rooms.create({ name: `list ${crypto.randomUUID()}`, kind: 'public' })
  const rooms = await Array.fromAsync(all((page) => api.rooms.list({ ...page, limit: 2 })))
  expect(rooms).toHaveLength(3)
  expect(new Set(rooms.map(({ id }) => id)).size).toBe(3)
})

describe('an error', () => {
  test('has the code, the field and the words of the problem', async () => {
    const refused = register(app.url, { username: 'not a name!', password: 'correct horse battery staple' })
    await expect(refused).rejects.toBeInstanceOf(ParleyError)
    await expect(refused).rejects.toMatchObject({ code: 'invalid', field: 'username', retryable: false })
    const wrong = signIn(app.url, { username: 'nobody', password: 'nothing' })
    await expect(wrong).rejects.toMatchObject({ name: 'ParleyError' })
  })

  test('of what is not Parley, of silence and of an absent server is one, too', async () => {
    const server = startScriptedServer()
    const credentials = { username: 'a', password: 'b' }
    const clock = manualClock()
    server.rest = () => new Response('<html>', { status: 502 })
    await expect(signIn(server.url, credentials)).rejects.toMatchObject({
      code: 'bad_answer',
      retryable: true,
    })
    server.rest = () => new Response('<html>')
    await expect(signIn(server.url, credentials)).rejects.toMatchObject({
      code: 'bad_answer',
      retryable: false,
    })
    const silent = Promise.withResolvers<Response>()
    server.rest = () => {
      clock.advance(10_000)
      return silent.promise
    }
    await expect(signIn(server.url, credentials, { clock })).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
    })
    silent.resolve(new Response())
    await server.close()
    await expect(signIn(server.url, credentials)).rejects.toMatchObject({
      code: 'disconnected',
      retryable: true,
    })
  })
})

function connect(token: string): Client {
  const client = createClient({
    url: `${app.url}/`,
    token,
    fetch: (address, init) => {
      requested.push(`${init.method} ${new URL(address).pathname}`)
      return fetch(address, init)
    },
  })
  clients.push(client)
  return client
}

/** Returns v2's routes that no client has requested; signing in needs no client. */
async function routesWithoutRequest(): Promise<string[]> {
  const routes = (await routesOf(app)).filter(({ path, socket }) => path.startsWith('/api/v2/') && !socket)
  const patterns = routes
    .map(({ method, path }) => `${method} ${path}`)
    // `members/me` before `members/{user}`
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((route) => ({ route, pattern: new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))
  const reached = new Set(requested.map((one) => patterns.find(({ pattern }) => pattern.test(one))?.route))
  const signIn = ['POST /api/v2/tokens', 'POST /api/v2/users']
  // Programs go there by addresses, as they were told.
  const files = [
    'GET /api/v2/files/{attachment}/{variant}',
    'GET /api/v2/rooms/{room}/attachments/{attachment}/file',
  ]
  const others = [...signIn, ...files, ...FOLLOWING]
  return patterns.map(({ route }) => route).filter((route) => !reached.has(route) && !others.includes(route))
}

/** What a client follows its rooms by is no call. */
const FOLLOWING = ['GET /api/v2/events', 'POST /api/v2/events', 'POST /api/v2/poll']

/** The same calls, whose names are written down. */
function recorded<Calls extends object>(calls: Calls, names: Set<string>, path = ''): Calls {
  return new Proxy(calls, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      const inner = path + String(name)
      if (typeof value === 'function') names.add(inner)
      return typeof value === 'object' && value !== null ? recorded(value, names, `${inner}.`) : value
    },
  })
}

function* namesOf(calls: object, path = ''): Generator<string> {
  for (const [name, value] of Object.entries(calls)) {
    if (typeof value === 'object') yield* namesOf(value, `${path}${name}.`)
    else yield path + name
  }
}
