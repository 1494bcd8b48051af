// Contract 4: groups and their members.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { startApp, type TestApp } from '../../support/app.ts'
import { anonymously, type Person, person, said } from '../support/contracts/people.ts'
import { directChat, join, publicRoom, room } from '../support/contracts/rooms.ts'
import { GroupsShape, ListedGroupsShape, MembersShape } from '../support/contracts/shapes.ts'
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

const notMember = { status: 403, body: { detail: 'You are not a member of this room.' } }
const notFound = { status: 404, body: { detail: 'Not found.' } }

describe('GET /api/chat/groups/', () => {
  const joined = async (who: Person, query = '') =>
    expectAnswer(await who.call('GET', `/api/chat/groups/${query}`), 200, GroupsShape)

  test('shows the groups that the caller has joined, as documented', async () => {
    const who = await person(app)
    const [open, made] = [await publicRoom(who), await room(who, { type: 'game' })]
    const [first, second, ...more] = await joined(who)
    expect(more).toEqual([])
    expect(first).toMatchObject({ ...open, description: '', room_avatar: '', members_count: 1 })
    expect(second).toMatchObject({ id: made.id, name: made.name, members_count: 1 })
    expect(Math.abs(Date.parse(first?.created_at ?? '') - Date.now())).toBeLessThan(60_000)
    expect(Date.parse(first?.updated_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.created_at ?? ''))
  })

  test('does not show rooms to which the caller is only invited, direct chats, or groups of others', async () => {
    const who = await person(app)
    const made = await room(anna, { invited: [who] })
    await directChat(anna, who)
    expect(await joined(who)).toEqual([])
    await join(who, made.id)
    expect((await joined(who)).map((group) => group.id)).toEqual([made.id])
  })

  test('counts members as they come and go', async () => {
    const [one, two] = [await person(app), await person(app)]
    const open = await publicRoom(one)
    const count = async () => (await joined(one))[0]?.members_count
    expect(await count()).toBe(1)
    await join(two, open.id)
    expect(await count()).toBe(2)
    expect((await two.call('POST', groupPath(open.name, 'leave'))).status).toBe(204)
    expect(await count()).toBe(1)
  })

  test('is paginated', async () => {
    const who = await person(app)
    const ids = [(await publicRoom(who)).id, (await publicRoom(who)).id, (await publicRoom(who)).id]
    expect((await joined(who, '?limit=2')).map((group) => group.id)).toEqual(ids.slice(0, 2))
    expect((await joined(who, `?limit=2&after=${ids[1]}`)).map((group) => group.id)).toEqual(ids.slice(2))
    const bad = await who.call('GET', '/api/chat/groups/?limit=0')
    expect(said(bad)).toEqual({ status: 400, body: { detail: expect.stringMatching(/^limit: /) } })
  })
})

describe('GET /api/chat/groups/all/', () => {
  const all = async (who: Person, query = '') =>
    expectAnswer(await who.call('GET', `/api/chat/groups/all/${query}`), 200, ListedGroupsShape)

  test('shows every public group and the private ones that the caller may enter, with is_member', async () => {
    const fresh = await startApp()
    const [one, two] = [await person(fresh), await person(fresh)]
    const open = await publicRoom(one)
    const invited = await room(one, { invited: [two] })
    const game = await room(one, { type: 'game', invited: [two] })
    const secret = await room(one)
    await directChat(one, two)
    await join(two, game.id)
    const seen = async (who: Person) => (await all(who)).map((group) => [group.name, group.is_member])
    expect(await seen(two)).toEqual([
      ['lobby', false],
      [open.name, false],
      [invited.name, false],
      [game.name, true],
    ])
    expect(await seen(one)).toEqual([
      ['lobby', false],
      [open.name, true],
      [invited.name, true],
      [game.name, true],
      [secret.name, true],
    ])
    await fresh.close()
  })

  test('is paginated', async () => {
    const [first, second] = await all(anna, '?limit=2')
    const [next] = await all(anna, `?limit=1&after=${first?.id}`)
    expect(next).toEqual(second)
  })
})

describe('GET /api/chat/groups/{room}/members/', () => {
  test('shows the members by id, with their names, as documented', async () => {
    const [one, two] = [await person(app, 'anagh'), await person(app, 'john_doe')]
    const sql = postgres(app.databaseUrl, { max: 1 })
    await sql`update users set first_name = 'Anagh', last_name = 'Singh' where id = ${one.id}`
    await sql.end()
    const made = await room(two, { invited: [one] })
    await join(one, made.id)
    const answer = await two.call('GET', groupPath(made.name, 'members'))
    expect(said(answer)).toEqual({
      status: 200,
      body: [
        { id: one.id, username: 'anagh', first_name: 'Anagh', last_name: 'Singh' },
        { id: two.id, username: 'john_doe', first_name: '', last_name: '' },
      ],
    })
    expectAnswer(answer, 200, MembersShape)
  })

  test('is for members only, also in public rooms', async () => {
    const open = await publicRoom(anna)
    const made = await room(anna, { invited: [ben] })
    const refused = async () => {
      for (const name of [open.name, made.name]) {
        expect(said(await ben.call('GET', groupPath(name, 'members')))).toEqual(notMember)
      }
    }
    await refused()
    await anna.call('POST', `/chat/rooms/${open.id}/invite/`, { users: [ben.id] })
    await refused()
    expect(said(await ben.call('GET', groupPath('no such room', 'members')))).toEqual(notFound)
  })
})

test('errors about the credential have the texts of the framework', async () => {
  const open = await publicRoom(anna)
  const paths: [string, string][] = [
    ['GET', '/api/chat/groups/'],
    ['GET', '/api/chat/groups/all/'],
    ['POST', groupPath(open.name, 'join')],
    ['POST', groupPath(open.name, 'leave')],
    ['GET', groupPath(open.name, 'members')],
    ['GET', groupPath(open.name, 'messages')],
  ]
  for (const [method, path] of paths) {
    for (const [headers, detail] of [
      [{}, 'Authentication credentials were not provided.'],
      [{ authorization: `Token ${'f'.repeat(40)}` }, 'Invalid token.'],
      [{ authorization: `Bearer ${'f'.repeat(40)}` }, 'Invalid token.'],
    ] as const) {
      const answer = await anonymously(app, method, path, undefined, headers)
      expect(said(answer)).toEqual({ status: 401, body: { detail } })
      expect(answer.headers.get('www-authenticate')).toBe('Token')
    }
    // A token in the address counts for sockets only.
    expect((await anonymously(app, method, `${path}?token=${anna.token}`)).status).toBe(401)
  }
})

test.each(['', '/'])('every path exists with %j at its end', async (slash) => {
  const open = await publicRoom(anna)
  const path = (what: string) => groupPath(open.name, what).replace(/\/$/, slash)
  expect((await anna.call('GET', `/api/chat/groups${slash}`)).status).toBe(200)
  expect((await anna.call('GET', `/api/chat/groups/all${slash}`)).status).toBe(200)
  expect((await ben.call('POST', path('join'))).status).toBe(200)
  expect((await ben.call('GET', path('members'))).status).toBe(200)
  expect((await ben.call('GET', path('messages'))).status).toBe(200)
  expect((await ben.call('POST', path('leave'))).status).toBe(204)
})

function groupPath(name: string, what: string): string {
  return `/api/chat/groups/${encodeURIComponent(name)}/${what}/`
}
