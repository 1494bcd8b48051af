// Contract 3: direct chats over REST.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { directChat, publicRoom } from '../support/contracts/rooms.ts'
import { ChatShape, ChatsShape } from '../support/contracts/shapes.ts'
import { talk } from '../support/contracts/talk.ts'
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

describe('POST /api/chats/create/', () => {
  test('answers either user with 201 and the new chat as documented, then with 200 and the same chat', async () => {
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

  test('shows the last message and unread count of an existing chat', async () => {
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

  test('creates one chat if both users request it simultaneously', async () => {
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

  test('refuses the caller, and users who do not exist', async () => {
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

  test('ignores unknown fields', async () => {
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
  test('is empty at first, and never contains rooms', async () => {
    const who = await person(app)
    await publicRoom(who)
    expect(said(await who.call('GET', '/api/chats/'))).toEqual({ status: 200, body: [] })
  })

  test('shows the caller’s chats with the last message and the unread count', async () => {
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

  test('shows the latest activity first: a message, or the creation of the chat', async () => {
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

  test('shows no chats of others', async () => {
    const [one, two] = [await person(app), await person(app)]
    await directChat(one, two)
    expect(await chats(await person(app))).toEqual([])
  })

  test('exists with and without a trailing slash', async () => {
    for (const path of ['/api/chats', '/api/chats/']) expect((await anna.call('GET', path)).status).toBe(200)
  })
})

async function chats(who: Person) {
  return expectAnswer(await who.call('GET', '/api/chats/'), 200, ChatsShape)
}
