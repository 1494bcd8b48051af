// Contract 3: users and direct chats over REST.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { expectAnswer } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { type Person, person, said } from './support/people.ts'
import { directChat, publicRoom } from './support/rooms.ts'
import { ChatShape, ChatsShape, UsersShape } from './support/shapes.ts'
import { talk } from './support/talk.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(30_000)

let app: TestApp
let anna: Person
let ben: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
})
afterAll(() => app.close())

describe('GET /api/users/', () => {
  test('shows everyone but the caller, by id, as documented', async () => {
    const fresh = await startApp()
    const [one, two, three] = [await person(fresh), await person(fresh, 'Zoë'), await person(fresh)]
    expect(said(await two.call('GET', '/api/users/'))).toEqual({
      status: 200,
      body: [
        { id: one.id, username: one.username },
        { id: three.id, username: three.username },
      ],
    })
    expect((await one.call('GET', '/api/users')).json).toEqual([
      { id: two.id, username: 'Zoë' },
      { id: three.id, username: three.username },
    ])
    await fresh.close()
  })

  test('finds by what the username begins with, in any case', async () => {
    const names = ['Ærlig', 'ÆRA', 'ærø', 'Bær']
    for (const name of names) await person(app, `${name}-find`)
    const found = async (search: string) =>
      (await users(anna, `?search=${encodeURIComponent(search)}`)).list.map((user) => user.username)
    expect(await found('ær')).toEqual(['Ærlig-find', 'ÆRA-find', 'ærø-find'])
    expect(await found('ÆRL')).toEqual(['Ærlig-find'])
    expect(await found('%')).toEqual([])
    expect(await found('_')).toEqual([])
    expect(await found('\\')).toEqual([])
    expect(await found('nobody')).toEqual([])
    expect(await found(anna.username)).toEqual([])
    expect(await found('a\0')).toEqual([])
  })

  test('comes in pages, each with a link to the next, to the end', async () => {
    const made: Person[] = []
    for (let i = 0; i < 7; i++) made.push(await person(app, `page-${i}`))
    for (const caller of [anna, ...made]) {
      const wanted = made.filter((user) => user !== caller).map((user) => user.id)
      const pages = await follow(caller, '/api/users/?search=PAGE-&limit=2')
      expect(pages.flat()).toEqual(wanted)
      expect(pages.length).toBe(Math.ceil(wanted.length / 2))
    }
  })

  test('needs no second page where the first is full but all', async () => {
    const [one, two] = [await person(app, 'full-1'), await person(app, 'full-2')]
    for (const [caller, count] of [
      [anna, 2],
      [one, 1],
      [two, 1],
    ] as const) {
      const { list, next } = await users(caller, '?search=full-&limit=2')
      expect([list.length, next]).toEqual([count, null])
    }
  })

  test('shows at most 1,000 without a limit, and links to the rest', async () => {
    const fresh = await startApp()
    const first = await person(fresh)
    const sql = postgres(fresh.databaseUrl, { max: 1 })
    await sql`insert into users (username, username_key, kind)
      select 'bulk' || n, 'bulk' || n, 'person' from generate_series(1, 2100) n`
    await sql.end()
    const last = await person(fresh)
    for (const caller of [first, last]) {
      const pages = await follow(caller, '/api/users/')
      expect(pages.map((page) => page.length)).toEqual([1000, 1000, 101])
      expect(new Set(pages.flat()).size).toBe(2101)
      expect(pages.flat()).not.toContain(caller.id)
    }
    await fresh.close()
  })

  test('links to the address that the client sees, through a trusted proxy', async () => {
    const proxied = await startApp({ TRUSTED_PROXIES: '127.0.0.1' })
    const caller = await person(proxied)
    await person(proxied)
    await person(proxied)
    const headers = { 'x-forwarded-proto': 'https', host: 'chat.example.com' }
    const link = async (more: Record<string, string>, who: Person) =>
      (await who.call('GET', '/api/users?limit=1', undefined, more)).headers.get('link')
    expect(await link(headers, caller)).toBe(
      `<https://chat.example.com/api/users?limit=1&after=${caller.id + 1}>; rel="next"`,
    )
    expect(await link({ host: 'chat.example.com' }, caller)).toStartWith(
      '<http://chat.example.com/api/users?',
    )
    await proxied.close()
    // Who is no trusted proxy says nothing of the scheme.
    expect(await link(headers, ben)).toStartWith('<http://chat.example.com/api/users?')
  })

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=-1', 'after=x', 'after=-1', 'after=1.5'])(
    'refuses %s',
    async (query) => {
      const answer = await anna.call('GET', `/api/users/?${query}`)
      expect(said(answer)).toEqual({
        status: 400,
        body: { error: expect.stringMatching(/^(limit|after): /) },
      })
    },
  )
})

describe('POST /api/chats/create/', () => {
  test('answers 201 with the new chat as documented, then 200 with the same, to either of the two', async () => {
    const [one, two] = [await person(app), await person(app)]
    const answer = await two.call('POST', '/api/chats/create/', { user_id: one.id })
    const made = expectAnswer(answer, 201, ChatShape)
    expect(made).toEqual({
      id: made.id,
      participants: [
        { id: one.id, username: one.username },
        { id: two.id, username: two.username },
      ],
      other_user: { id: one.id, username: one.username },
      created: made.created,
      last_message: null,
      unread_count: 0,
    })
    expect(said(await two.call('POST', '/api/chats/create', { user_id: one.id }))).toEqual({
      status: 200,
      body: made,
    })
    expect(said(await one.call('POST', '/api/chats/create/', { user_id: two.id }))).toEqual({
      status: 200,
      body: { ...made, other_user: { id: two.id, username: two.username } },
    })
  })

  test('shows what an existing chat holds', async () => {
    const [one, two] = [await person(app), await person(app)]
    const { id } = await directChat(one, two)
    await talk(two, id, ['hello', 'are you there?'])
    const answer = await one.call('POST', '/api/chats/create/', { user_id: two.id })
    const { last_message, unread_count } = expectAnswer(answer, 200, ChatShape)
    expect([last_message?.body, last_message?.sender, unread_count]).toEqual([
      'are you there?',
      two.username,
      2,
    ])
  })

  test('of simultaneous creations, from both sides, makes one chat', async () => {
    const [one, two] = [await person(app), await person(app)]
    const answers = await Promise.all(
      [1, 2, 3, 4].flatMap(() => [
        one.call('POST', '/api/chats/create/', { user_id: two.id }),
        two.call('POST', '/api/chats/create/', { user_id: one.id }),
      ]),
    )
    const statuses = answers.map((answer) => answer.status).sort()
    expect(statuses).toEqual([...Array(7).fill(200), 201])
    const ids = answers.map((answer) => expectAnswer(answer, answer.status, ChatShape).id)
    expect(new Set(ids).size).toBe(1)
    expect(await chats(one)).toHaveLength(1)
    expect(await chats(two)).toHaveLength(1)
  })

  test('refuses the caller, and who does not exist', async () => {
    const own = await anna.call('POST', '/api/chats/create/', { user_id: anna.id })
    expect(said(own)).toEqual({ status: 400, body: { error: 'You cannot chat with yourself' } })
    for (const user_id of [987_654, 0, -1, 2 ** 53]) {
      const answer = await anna.call('POST', '/api/chats/create/', { user_id })
      expect(said(answer)).toEqual({ status: 400, body: { error: 'User not found' } })
    }
  })

  test.each([
    [{}],
    [{ user_id: 'x' }],
    [{ user_id: '1' }],
    [{ user_id: 1.5 }],
    [{ user_id: null }],
    [[1]],
    [5],
  ])('refuses %j', async (json) => {
    const answer = await anna.call('POST', '/api/chats/create/', json)
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/.../) } })
  })

  test('ignores what it does not know', async () => {
    const [one, two] = [await person(app), await person(app)]
    const json = {
      user_id: two.id,
      id: 7,
      participants: [ben.id],
      created: '2020-01-01T00:00:00Z',
      unread_count: 9,
    }
    const made = expectAnswer(await one.call('POST', '/api/chats/create/', json), 201, ChatShape)
    expect([made.other_user.id, made.unread_count, made.created.startsWith('2020')]).toEqual([
      two.id,
      0,
      false,
    ])
  })
})

describe('GET /api/chats/', () => {
  test('is empty at first, and has no rooms in it', async () => {
    const who = await person(app)
    await publicRoom(who)
    expect(said(await who.call('GET', '/api/chats/'))).toEqual({ status: 200, body: [] })
  })

  test('shows the caller’s chats with the last message and what is unread', async () => {
    const [one, two] = [await person(app), await person(app)]
    const { id, participants, created } = await directChat(one, two)
    await talk(two, id, ['Hello!', 'Hello there!'])
    await talk(one, id, ['Yes?'])
    await talk(two, id, ['Just so'])
    const shared = { id, participants, created }
    const seen = async (who: Person, other: Person, unread: number) => {
      const [chat, ...more] = await chats(who)
      expect(more).toEqual([])
      expect(chat).toEqual({
        ...shared,
        other_user: { id: other.id, username: other.username },
        last_message: { body: 'Just so', created: expect.any(String), sender: two.username },
        unread_count: unread,
      })
    }
    // Each has been in the chat while they spoke, and has read what was there by then; the marks are written on the side.
    await until(async () => (await chats(one))[0]?.unread_count === 1, 'the first two to count as read')
    await until(async () => (await chats(two))[0]?.unread_count === 0, 'the answer to count as read')
    await seen(one, two, 1)
    await seen(two, one, 0)
  })

  test('shows the latest activity first: a message, or the making of the chat', async () => {
    const who = await person(app)
    const ids: number[] = []
    for (let i = 0; i < 3; i++) ids.push((await directChat(who, await person(app))).id)
    const [first, second, third] = ids
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few')
    const order = async () => (await chats(who)).map((chat) => chat.id)
    expect(await order()).toEqual([third, second, first])
    await talk(who, first, ['up'])
    expect(await order()).toEqual([first, third, second])
    await talk(who, second, ['higher'])
    expect(await order()).toEqual([second, first, third])
    const newest = await directChat(await person(app), who)
    expect(await order()).toEqual([newest.id, second, first, third])
  })

  test('shows nobody else’s', async () => {
    const [one, two] = [await person(app), await person(app)]
    await directChat(one, two)
    expect(await chats(await person(app))).toEqual([])
  })

  test('is there with and without a trailing slash', async () => {
    for (const path of ['/api/chats', '/api/chats/']) expect((await anna.call('GET', path)).status).toBe(200)
  })
})

async function users(who: Person, query: string) {
  const answer = await who.call('GET', `/api/users/${query}`)
  return { list: expectAnswer(answer, 200, UsersShape), next: nextOf(answer.headers) }
}

async function chats(who: Person) {
  return expectAnswer(await who.call('GET', '/api/chats/'), 200, ChatsShape)
}

/** The ids of every page, as a client gets them that knows of nothing but `Link`. */
async function follow(who: Person, path: string): Promise<number[][]> {
  const pages: number[][] = []
  for (let next: string | null = path; next !== null; ) {
    const answer = await who.call('GET', next)
    pages.push(expectAnswer(answer, 200, UsersShape).map((user) => user.id))
    const link = nextOf(answer.headers)
    next = link === null ? null : `${new URL(link).pathname}${new URL(link).search}`
  }
  return pages
}

function nextOf(headers: Headers): string | null {
  const link = headers.get('link')
  if (link === null) return null
  const url = /^<([^>]+)>; rel="next"$/.exec(link)?.[1]
  if (url === undefined) throw new Error(link)
  return url
}
