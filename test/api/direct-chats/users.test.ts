// Contract 3: the users that one may chat with.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { UsersShape } from '../support/contracts/shapes.ts'
import { expectAnswer } from '../support/rest.ts'

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
  test('lists all users except the caller, by id, as documented', async () => {
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

  test('finds users by the beginning of their names, in any case', async () => {
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

  test('is paginated, with a link to each next page up to the end', async () => {
    const made: Person[] = []
    for (let i = 0; i < 7; i++) made.push(await person(app, `page-${i}`))
    for (const caller of [anna, ...made]) {
      const wanted = made.filter((user) => user !== caller).map((user) => user.id)
      const pages = await follow(caller, '/api/users/?search=PAGE-&limit=2')
      expect(pages.flat()).toEqual(wanted)
      expect(pages.length).toBe(Math.ceil(wanted.length / 2))
    }
  })

  test('has no second page if the first one is full and holds all users', async () => {
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

  test('lists at most 1,000 users without a limit parameter, and links to the rest', async () => {
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

  test('links to the address that the client uses, behind a trusted proxy', async () => {
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

async function users(who: Person, query: string) {
  const answer = await who.call('GET', `/api/users/${query}`)
  return { list: expectAnswer(answer, 200, UsersShape), next: nextOf(answer.headers) }
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
