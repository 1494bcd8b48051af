// Lists by id, in pages: to the end, and what is no page.
import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import type { TSchema } from '@sinclair/typebox'
import {
  Invitation,
  Invited,
  Member,
  pageOf,
  RoomPage,
  UnreadRoom,
  UserPage,
} from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'
import { walk } from './support/walk.ts'

const OTHERS = 7

let app: TestApp
let me: Person
/** With everybody in it. */
let full: number
/** With everybody else invited to it. */
let inviting: number

beforeAll(async () => {
  app = await startApp()
  me = await person(app)
  const others: Person[] = []
  for (let i = 0; i < OTHERS; i++) others.push(await person(app, 'other'))
  full = await makeRoom(app, me, others)
  inviting = await makeRoom(app, me)
  const users = others.map(({ id }) => id)
  bodyOf(await call(app, me, 'POST', `/rooms/${inviting}/invitations`, { users }), 200, Invited)
  for (const other of others) {
    await say(app, await makeDirect(app, me, other), other, 'for you')
    const made = await makeRoom(app, other, [], 'public')
    bodyOf(await call(app, other, 'POST', `/rooms/${made}/invitations`, { users: [me.id] }), 200, Invited)
  }
})
afterAll(() => app.close())

/** Its path, what its page looks like, how much is in it at least. */
const lists: [name: string, path: () => string, page: TSchema, least: number][] = [
  ['users', () => '/users', UserPage, OTHERS + 1],
  ['users found by name', () => '/users?search=other', UserPage, OTHERS],
  ['rooms that one is in', () => '/rooms', RoomPage, OTHERS + 2],
  ['public rooms', () => '/rooms?scope=public', RoomPage, OTHERS + 1],
  ['rooms that one is invited to', () => '/rooms?scope=invited', RoomPage, OTHERS],
  ['direct chats', () => '/rooms?scope=direct', RoomPage, OTHERS],
  ['members', () => `/rooms/${full}/members`, pageOf(Member), OTHERS + 1],
  ['invitations', () => `/rooms/${inviting}/invitations`, pageOf(Invitation), OTHERS],
  ['unread rooms', () => '/unread', pageOf(UnreadRoom), OTHERS],
]

describe.each(lists)('%s', (_, path, page, least) => {
  const query = (more: string) => withQuery(path(), more)
  const large = async (): Promise<unknown[]> => (await walk(app, me, path(), 200)).flat()

  test('fit on one page if the limit allows', async () => {
    await get(app, me, path(), page)
    expect((await large()).length).toBeGreaterThanOrEqual(least)
    expect(await walk(app, me, path(), 200)).toHaveLength(1)
  })

  test.each([1, 2, 3, OTHERS, OTHERS + 1])(
    'are paginated by %d, each entry once, to the end',
    async (limit) => {
      const all = await large()
      const pages = await walk(app, me, path(), limit)
      expect(pages.flat()).toEqual(all)
      expect(pages).toHaveLength(Math.ceil(all.length / limit))
      for (const each of pages.slice(0, -1)) expect(each).toHaveLength(limit)
    },
  )

  test('need the same number of queries for many entries as for one', async () => {
    const [one, many] = [await workOf(query('limit=1')), await workOf(query('limit=200'))]
    expect(many).toEqual(one)
    expect(Object.values(many).every((calls) => calls === 1)).toBe(true)
  })

  test.each(['0', '201', '-1', '1.5', 'x', '', '1e2', '%20', '9'.repeat(30)])(
    'refuse a limit of %p',
    async (limit) => {
      expectProblem(await call(app, me, 'GET', query(`limit=${limit}`)), 400, 'invalid', { field: 'limit' })
    },
  )

  test('accept only their own cursors', async () => {
    const own = await ownCursor(path())
    const kind = kindOf(own)
    const others = await Promise.all(lists.map(([, other]) => ownCursor(other())))
    const foreign = others.filter((each) => kindOf(each) !== kind)
    expect(foreign.length).toBeGreaterThan(3)
    const spelled = ['1.0', '01', '-1', '', ' 1', '1e1', '9007199254740993', 'Infinity', '0x1', '1:1', 'null']
    const forged = spelled.map((text) => Buffer.from(`${kind}:${text}`).toString('base64url'))
    const bad = ['', 'x', '7', `${own}=`, `${own}A`, `%20${own}`, 'A'.repeat(5000), '%00', 'é', ...forged]
    for (const cursor of [...bad, ...foreign]) {
      const answer = await call(app, me, 'GET', query(`cursor=${cursor}`))
      expectProblem(answer, 400, 'invalid', { field: 'cursor' })
    }
  })
})

test('a cursor stays valid after its entry is gone', async () => {
  const someone = await person(app)
  const rooms = [await makeRoom(app, someone), await makeRoom(app, someone), await makeRoom(app, someone)]
  const first = await get(app, someone, '/rooms?limit=1', RoomPage)
  expect((await call(app, someone, 'DELETE', `/rooms/${rooms[0]}`)).status).toBe(204)
  const rest = await get(app, someone, `/rooms?cursor=${first.next}`, RoomPage)
  expect(rest.items.map(({ id }) => id)).toEqual(rooms.slice(1))
})

function kindOf(cursor: string): string | undefined {
  return Buffer.from(cursor, 'base64url').toString().split(':')[0]
}

/** The cursor of a list's second page. */
async function ownCursor(path: string): Promise<string> {
  const { json } = await call(app, me, 'GET', withQuery(path, 'limit=1'))
  const next: unknown = typeof json === 'object' && json !== null && 'next' in json ? json.next : null
  if (typeof next !== 'string') throw new Error(`${path} has no second page`)
  return next
}

function withQuery(path: string, more: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${more}`
}

/** What a request asks of the core, and how often; who the caller is may be remembered, and does not count. */
async function workOf(path: string): Promise<Record<string, number>> {
  const { accounts, rooms, membership } = app.chat
  const { presence } = app.core
  const spies = [
    { name: 'accounts.list', spy: spyOn(accounts, 'list') },
    { name: 'accounts.user', spy: spyOn(accounts, 'user') },
    { name: 'rooms.views', spy: spyOn(rooms, 'views') },
    { name: 'rooms.view', spy: spyOn(rooms, 'view') },
    { name: 'rooms.accessFacts', spy: spyOn(rooms, 'accessFacts') },
    { name: 'rooms.members', spy: spyOn(rooms, 'members') },
    { name: 'rooms.member', spy: spyOn(rooms, 'member') },
    { name: 'rooms.invitations', spy: spyOn(rooms, 'invitations') },
    { name: 'rooms.unread', spy: spyOn(rooms, 'unread') },
    { name: 'membership.readMarks', spy: spyOn(membership, 'readMarks') },
    { name: 'presence.online', spy: spyOn(presence, 'online') },
  ]
  try {
    const { status } = await call(app, me, 'GET', path)
    expect(status).toBe(200)
    return Object.fromEntries(
      spies.flatMap(({ name, spy }) => (spy.mock.calls.length === 0 ? [] : [[name, spy.mock.calls.length]])),
    )
  } finally {
    for (const { spy } of spies) spy.mockRestore()
  }
}
