// What a request's body may be, field by field.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { startApp, type TestApp } from '../../../support/app.ts'
import { ask } from '../../support/rest.ts'
import { routesOf } from '../../support/routes.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { call, expectProblem } from './support/client.ts'

let app: TestApp
let sql: Sql
let me: Person
let other: Person
let room: number
let seq: number
let stored: unknown

beforeAll(async () => {
  app = await startApp()
  sql = postgres(app.databaseUrl, { max: 1, onnotice: () => undefined })
  me = await person(app)
  other = await person(app)
  room = await makeRoom(app, me, [other])
  seq = await say(app, room, me, 'said')
})
beforeEach(async () => {
  stored = await everythingStored()
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

interface Good {
  readonly json: Readonly<Record<string, unknown>>
  /** The fields that may be left out, and those that may be null. */
  readonly optional?: readonly string[]
  readonly nullable?: readonly string[]
  /** Whether all fields may be left out at once, and the body with them. */
  readonly mayBeEmpty?: true
}

/** A good body of each route that takes one. */
const good: Readonly<Record<string, Good>> = {
  'POST /users': { json: { username: 'somebody', password: 'correct horse' } },
  'POST /tokens': { json: { username: 'somebody', password: 'correct horse' } },
  'PATCH /me': {
    json: { first_name: 'A', last_name: 'B', metadata: { a: 1 } },
    optional: ['first_name', 'last_name', 'metadata'],
  },
  'PUT /me/password': { json: { current_password: 'a', new_password: 'correct horse' } },
  'POST /rooms': {
    json: { name: 'a name', kind: 'public', description: 'd', avatar: 'a', invited: [] },
    optional: ['description', 'avatar', 'invited'],
  },
  'PATCH /rooms/{room}': {
    json: { description: 'd', avatar: 'a', metadata: { a: 1 }, posting: 'staff', slow_mode: 1 },
    optional: ['description', 'avatar', 'metadata', 'posting', 'slow_mode'],
  },
  'POST /directs': { json: { user: 1 } },
  'PATCH /rooms/{room}/members/{user}': { json: { role: 'admin' } },
  'POST /rooms/{room}/invitations': { json: { users: [] } },
  'POST /rooms/{room}/messages': {
    json: {
      body: 'x',
      kind: 'text',
      reply_to: 1,
      in_room: true,
      metadata: { a: 1 },
      attachments: [1],
      mentions: { users: [1] },
    },
    optional: ['kind', 'reply_to', 'in_room', 'metadata', 'attachments', 'mentions'],
  },
  'POST /rooms/{room}/ephemeral': {
    json: { user: 1, body: 'x', kind: 'text', metadata: { a: 1 } },
    optional: ['kind', 'metadata'],
  },
  'PATCH /rooms/{room}/messages/{seq}': {
    json: { body: 'x', metadata: { a: 1 }, mentions: { users: [], room: true } },
    optional: ['body', 'metadata', 'mentions'],
  },
  'PUT /me/drafts/{room}': {
    json: { text: 'x', reply_to: 1, version: 0, edited_ago_ms: 0 },
    optional: ['reply_to', 'version', 'edited_ago_ms'],
  },
  'POST /rooms/{room}/uploads': { json: { name: 'a', size: 1 } },
  'POST /rooms/{room}/uploads/complete': { json: { upload: 'a' } },
  'PUT /rooms/{room}/messages/{seq}/thread/read': { json: { seq: 1 } },
  'PUT /rooms/{room}/marks/unread': { json: { seq: 1 } },
  'PUT /rooms/{room}/notifications': {
    json: { level: 'none', muted_until: '2100-01-01T00:00:00.000Z' },
    optional: ['muted_until'],
    nullable: ['muted_until'],
  },
  'PUT /rooms/{room}/messages/{seq}/thread/notifications': {
    json: { level: 'none', muted_until: '2100-01-01T00:00:00.000Z' },
    optional: ['muted_until'],
    nullable: ['muted_until'],
  },
  'PUT /rooms/{room}/bans/{user}': {
    json: { reason: 'spam', until: '2100-01-01T00:00:00.000Z' },
    optional: ['reason', 'until'],
    nullable: ['until'],
    mayBeEmpty: true,
  },
  'PUT /rooms/{room}/mutes/{user}': {
    json: { reason: 'spam', until: '2100-01-01T00:00:00.000Z' },
    optional: ['reason', 'until'],
    nullable: ['until'],
    mayBeEmpty: true,
  },
  'POST /rooms/{room}/messages/{seq}/report': { json: { reason: 'spam' } },
  'PUT /rooms/{room}/reports/{report}': { json: { outcome: 'acted' } },
  'POST /events': {
    json: {
      rooms: [],
      epoch: 'x',
      limit: 1,
      memberships: 0,
      private: 0,
      signals: [],
      batch: true,
    },
    optional: ['epoch', 'limit', 'memberships', 'private', 'signals', 'batch'],
  },
  'POST /poll': {
    json: { rooms: [], epoch: 'x', limit: 1, memberships: 0, private: 0, wait: 0 },
    optional: ['epoch', 'limit', 'memberships', 'private', 'wait'],
  },
  'PUT /rooms/{room}/marks': {
    json: { read_seq: 0, delivered_seq: 0 },
    optional: ['read_seq', 'delivered_seq'],
  },
}

const fields = Object.entries(good).flatMap(([route, { json }]) =>
  Object.keys(json).map((field): [string, string] => [route, field]),
)

test('there is a valid body with all fields for every route that takes one', async () => {
  const routes = (await routesOf(app)).filter(
    ({ path, fields: all }) => path.startsWith('/api/v2/') && all !== null,
  )
  const documented = routes.map(({ method, path, fields: all }) => [
    `${method} ${path.replace('/api/v2', '')}`,
    all?.toSorted(),
  ])
  const known = Object.entries(good).map(([route, { json }]) => [route, Object.keys(json).sort()])
  expect(documented.sort()).toEqual(known.sort())
})

describe.each(fields)('%s, its field %s', (route, field) => {
  test('of another type gets a 400 that names it, and nothing is stored', async () => {
    const { json, nullable = [] } = of(route)
    const wrong: unknown[] = [
      null,
      true,
      {},
      { toString: '' },
      [null],
      [{ valueOf: 1 }],
      '\ud800 no number',
      0.5,
      -1,
      [['x']],
    ]
    const isWrong = (value: unknown) =>
      value === null && nullable.includes(field)
        ? false
        : typeof value !== typeof json[field] || Array.isArray(value)
    for (const value of wrong.filter(isWrong)) {
      const problem = expectProblem(await send(route, { ...json, [field]: value }), 400, 'invalid')
      expect([problem.field, problem.detail]).toEqual([field, expect.stringContaining(field)])
    }
    expect(await everythingStored()).toEqual(stored)
  })

  test('missing gets 400 if it is required', async () => {
    const { json, optional = [] } = of(route)
    if (optional.includes(field)) return
    const { [field]: _, ...rest } = json
    expectProblem(await send(route, rest), 400, 'invalid', { field })
    expect(await everythingStored()).toEqual(stored)
  })
})

describe.each(Object.keys(good))('%s', (route) => {
  test('does not read fields from the prototype', async () => {
    if (of(route).mayBeEmpty) return
    const body = JSON.stringify({ __proto: of(route).json }).replace('__proto', '__proto__')
    expectProblem(await raw(route, body), 400, 'invalid')
    expect(await everythingStored()).toEqual(stored)
  })

  test('refuses anything but an object, and an empty object', async () => {
    const empty = of(route).mayBeEmpty ? [] : ['', '{}', '{"unknown":1}']
    for (const body of ['null', '[]', '[1]', '"text"', '42', 'true', ...empty]) {
      expectProblem(await raw(route, body), 400, 'invalid')
    }
    expect(await everythingStored()).toEqual(stored)
  })

  test('refuses a valid body with one byte that is not UTF-8', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...of(route).json, note: 'X' }))
    bytes[bytes.lastIndexOf('X')] = 0xff
    const { detail } = expectProblem(await raw(route, new Uint8Array(bytes)), 400, 'invalid')
    expect(detail).toContain('UTF-8')
    expect(await everythingStored()).toEqual(stored)
  })
})

test('accepts a form in place of JSON if all fields are text', async () => {
  const username = `form-${crypto.randomUUID()}`
  const body = new URLSearchParams({ username, password: 'correct horse' })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await ask('POST', `${app.url}/api/v2/users`, { body, headers })
  expect([answer.status, answer.json]).toEqual([
    201,
    expect.objectContaining({ expires_in_ms: expect.any(Number) }),
  ])
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function of(route: string) {
  return good[route] ?? expect.unreachable()
}

function methodAndPath(route: string): [string, string] {
  const [method = '', path = ''] = route.split(' ')
  const filled = path
    .replace('{room}', `${room}`)
    .replace('{user}', `${other.id}`)
    .replace('{seq}', `${seq}`)
    .replace('{report}', '1')
  return [method, filled]
}

function send(route: string, json: unknown) {
  const [method, path] = methodAndPath(route)
  return call(app, me, method, path, json)
}

function raw(route: string, body: string | Uint8Array<ArrayBuffer>) {
  const [method, path] = methodAndPath(route)
  return ask(method, `${app.url}/api/v2${path}`, { body, token: me.token })
}

/** How much there is in every table, and whatever a request could have changed. */
async function everythingStored(): Promise<unknown> {
  return await sql`
    select (select count(*) from users) as users, (select count(*) from rooms) as rooms,
      (select count(*) from messages) as messages, (select count(*) from members) as members,
      (select count(*) from tokens) as tokens, (select sum(last_seq) from rooms) as numbers,
      (select string_agg(first_name || last_name, '' order by id) from users) as names`
}
