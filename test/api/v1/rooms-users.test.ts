import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { expectAnswer } from '../support/rest.ts'
import { type V1Client, v1Client } from '../support/v1-client.ts'
import {
  DetailShape,
  NewUserShape,
  RoomShape,
  RoomsShape,
  UserShape,
  UsersShape,
} from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
})
afterAll(() => app.close())

describe('rooms', () => {
  test('creating one answers 200 with exactly the document’s room', async () => {
    const answer = await v1.call('POST', '/rooms', { json: { name: 'General Chat' } })
    const room = expectAnswer(answer, 200, RoomShape)
    expect(room.name).toBe('General Chat')
    expect(Math.abs(Date.parse(room.created_at) - Date.now())).toBeLessThan(60_000)
    expect(answer.headers.get('content-type')).toStartWith('application/json')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a created room is listed, and found by its id', async () => {
    const room = await v1.room('Found again')
    const listed = expectAnswer(await v1.call('GET', '/rooms'), 200, RoomsShape)
    expect(listed).toContainEqual(room)
    expect(expectAnswer(await v1.call('GET', `/rooms/${room.id}`), 200, RoomShape)).toEqual(room)
  })

  test('the list is in the order of ids, and paginated', async () => {
    await Promise.all([v1.room(), v1.room(), v1.room()])
    const all = expectAnswer(await v1.call('GET', '/rooms'), 200, RoomsShape)
    expect(all.map((room) => Number(room.id))).toEqual(
      all.map((room) => Number(room.id)).sort((a, b) => a - b),
    )
    const first = expectAnswer(await v1.call('GET', '/rooms?limit=2'), 200, RoomsShape)
    expect(first).toEqual(all.slice(0, 2))
    const rest = expectAnswer(
      await v1.call('GET', `/rooms?after=${first[1]?.id}&limit=1000`),
      200,
      RoomsShape,
    )
    expect(rest).toEqual(all.slice(2))
  })

  test.each([
    ['a name that is taken', 'Taken'],
    ['digits alone, which name a direct chat in a path', '12345'],
    ['the empty name', ''],
    ['blanks', ' \t\u00a0\n'],
    ['101 characters', 'x'.repeat(101)],
    ['101 characters of two UTF-16 units', '😀'.repeat(101)],
    ['NUL', 'a\0b'],
  ])('refuses %s with 400', async (_, name) => {
    await v1.call('POST', '/rooms', { json: { name: 'Taken' } })
    const { detail } = expectAnswer(await v1.call('POST', '/rooms', { json: { name } }), 400, DetailShape)
    expect(detail.toLowerCase()).toContain('name')
    const listed = expectAnswer(await v1.call('GET', '/rooms'), 200, RoomsShape)
    expect(listed.filter((room) => room.name === name)).toHaveLength(name === 'Taken' ? 1 : 0)
  })

  test('a name may have 100 characters of any script', async () => {
    for (const name of ['😀'.repeat(100), 'غرفة عامة', 'ünï / cödé?#%', '１２３']) {
      expect((await v1.room(name)).name).toBe(name)
    }
  })

  test('a room is public: any signed-in user may join it', async () => {
    const owner = await v1.user()
    const room = await v1.room('Made with a token', { token: owner.token })
    const { socket } = await v1.join(room, await v1.user())
    await socket.close()
  })
})

describe('users', () => {
  test('creating one answers 200 with the document’s user and its token', async () => {
    const answer = await v1.call('POST', '/users', { json: { username: 'john_doe' } })
    expect(expectAnswer(answer, 200, NewUserShape).username).toBe('john_doe')
  })

  test('a created user is listed and found by id, both without the token', async () => {
    const { token, ...user } = await v1.user('Found.Again@x')
    const listed = await v1.call('GET', '/users')
    expect(expectAnswer(listed, 200, UsersShape)).toContainEqual(user)
    const found = await v1.call('GET', `/users/${user.id}`)
    expect(expectAnswer(found, 200, UserShape)).toEqual(user)
    expect(listed.text + found.text).not.toContain(token)
  })

  test('the list is paginated, by id', async () => {
    const [a, b] = [await v1.user(), await v1.user()]
    const page = expectAnswer(
      await v1.call('GET', `/users?after=${Number(a.id) - 1}&limit=2`),
      200,
      UsersShape,
    )
    expect(page.map((user) => user.id)).toEqual([a.id, b.id])
  })

  test.each([
    ['a name that is taken', 'taken'],
    ['the same name in another case', 'TAKEN'],
    ['the same name in compatibility forms', 'ｔaken'],
    ['the empty name', ''],
    ['a blank in it', 'a b'],
    ['a slash', 'a/b'],
    ['151 characters', 'x'.repeat(151)],
    ['NUL', 'a\0b'],
    ['markup', '<b>x</b>'],
  ])('refuses %s with 400', async (_, username) => {
    await v1.call('POST', '/users', { json: { username: 'taken' } })
    const answer = await v1.call('POST', '/users', { json: { username } })
    expect(expectAnswer(answer, 400, DetailShape).detail.toLowerCase()).toContain('username')
  })

  test('a stored name obeys the rules for names, also after case folding', async () => {
    // Compatibility forms unfold: one letter may become many, or what is no letter at all.
    for (const username of ['½', 'ﷺ', 'x'.repeat(100) + '㎡'.repeat(50), '⑴']) {
      const answer = await v1.call('POST', '/users', { json: { username } })
      if (answer.status === 400) continue
      const stored = expectAnswer(answer, 200, NewUserShape).username
      expect(stored).toMatch(/^[\p{L}\p{N}\p{M}@.+_-]{1,150}$/u)
    }
  })

  test('of simultaneous creations of one name exactly one succeeds', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => v1.call('POST', '/users', { json: { username: 'only-one' } })),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(400)])
  })
})

describe('paths', () => {
  test('a trailing slash is optional', async () => {
    const room = await v1.room()
    const user = await v1.user()
    for (const path of ['/rooms', `/rooms/${room.id}`, '/users', `/users/${user.id}`]) {
      const [bare, slashed] = [await v1.call('GET', path), await v1.call('GET', `${path}/`)]
      expect([bare.status, slashed.status, slashed.text]).toEqual([200, 200, bare.text])
    }
    expectAnswer(await v1.call('POST', '/rooms/', { json: { name: 'slashed' } }), 200, RoomShape)
    const json = { content: 'hi', user_id: user.id }
    expect((await v1.call('POST', `/rooms/${room.id}/messages/`, { json })).status).toBe(200)
    expect((await v1.call('GET', `/rooms/${room.id}/messages/`)).status).toBe(200)
  })

  test.each([
    ['GET', '/nope'],
    ['GET', ''],
    ['GET', '/rooms/1/nope'],
    ['DELETE', '/rooms'],
    ['PUT', '/users/1'],
    ['PATCH', '/rooms/1/messages'],
    ['GET', '//rooms'],
  ])('the undocumented %s %s gets 404', async (method, path) => {
    expectAnswer(await v1.call(method, path), 404, DetailShape)
  })

  test.each([
    '0',
    '-1',
    '00',
    '1.0',
    '1e3',
    '9007199254740992',
    '1e30',
    'x',
    '%00',
    '%ff',
    '１',
    '9'.repeat(400),
  ])('the id %s gets 404', async (id) => {
    const user = await v1.user()
    const json = { content: 'hi', user_id: user.id }
    expectAnswer(await v1.call('GET', `/rooms/${id}`), 404, DetailShape)
    expectAnswer(await v1.call('GET', `/users/${id}`), 404, DetailShape)
    expectAnswer(await v1.call('GET', `/rooms/${id}/messages`), 404, DetailShape)
    expectAnswer(await v1.call('POST', `/rooms/${id}/messages`, { json }), 404, DetailShape)
  })

  test('an unknown id gets 404', async () => {
    for (const path of ['/rooms/987654', '/users/987654', '/rooms/987654/messages']) {
      expectAnswer(await v1.call('GET', path), 404, DetailShape)
    }
  })
})
