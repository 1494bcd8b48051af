import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  ChangesPage,
  Message,
  MessagePage,
  Reacted,
  ReactionPage,
  Room,
  Snapshot,
} from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: RoomId
let message: number

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
  message = await say(app, room, owner, 'words')
})
afterAll(() => app.close())

const pathOf = (reaction: string, at = message, where: number = room) =>
  `/rooms/${where}/messages/${at}/reactions/${encodeURIComponent(reaction)}`
const put = (who: Person, reaction: string, at = message, where: number = room) =>
  call(app, who, 'PUT', pathOf(reaction, at, where))
const remove = (who: Person, reaction: string, at = message, where: number = room) =>
  call(app, who, 'DELETE', pathOf(reaction, at, where))
const add = async (who: Person, reaction: string) => bodyOf(await put(who, reaction), 200, Reacted)
const shownTo = async (who: Person) =>
  (await get(app, who, `/rooms/${room}/messages/${message}`, Message)).reactions
const ref = ({ id, username }: Person) => ({ id, username })

describe('reacting', () => {
  test('responds with the number from which on it is shown, and shows it everywhere', async () => {
    const first = await add(owner, '👍')
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    expect(first).toEqual({ room, seq: message, reaction: '👍', on: true, shown_at: head })
    await add(member, '👍')
    await add(member, 'tada')
    const shown = (own: boolean) => [
      { reaction: '👍', count: 2, users: [ref(owner), ref(member)], own: true },
      { reaction: 'tada', count: 1, users: [ref(member)], own },
    ]
    for (const [who, own] of [
      [owner, false],
      [member, true],
    ] as const) {
      expect(await shownTo(who)).toEqual(shown(own))
      const { items } = await get(app, who, `/rooms/${room}/messages`, MessagePage)
      expect(items.at(-1)?.reactions).toEqual(shown(own))
      const { messages } = await get(app, who, `/rooms/${room}/snapshot`, Snapshot)
      expect(messages.at(-1)?.reactions).toEqual(shown(own))
    }
    const changes = await get(app, owner, `/rooms/${room}/changes?after=${message}`, ChangesPage)
    expect(changes.items).toMatchObject([
      {
        type: 'reaction',
        seq: changes.head,
        message,
        reactions: shown(true).map(({ own: _, ...count }) => count),
        changed: [
          { reaction: '👍', added: [owner.id, member.id], removed: [] },
          { reaction: 'tada', added: [member.id], removed: [] },
        ],
      },
    ])
  })

  test('may be repeated, and taken back, which may be repeated too', async () => {
    const { shown_at } = await add(owner, '👍')
    expect((await add(owner, '👍')).shown_at).toBe(shown_at)
    const taken = bodyOf(await remove(owner, '👍'), 200, Reacted)
    expect(taken).toEqual({ room, seq: message, reaction: '👍', on: false, shown_at: shown_at + 1 })
    expect(bodyOf(await remove(owner, '👍'), 200, Reacted)).toEqual(taken)
    expect(await shownTo(owner)).toBeUndefined()
  })

  test('spellings of one emoji are one reaction', async () => {
    await add(owner, '❤')
    expect(await add(member, '❤️')).toMatchObject({ reaction: '❤️' })
    expect(await shownTo(owner)).toMatchObject([{ reaction: '❤️', count: 2 }])
  })

  test.each(['', ' ', 'Tada', 'two words', '👍👍', '\u200b', 'x'.repeat(33)])(
    '%j is no reaction',
    async (text) => {
      if (text === '') expectProblem(await put(owner, text), 405, 'method_not_allowed')
      else expectProblem(await put(owner, text), 400, 'invalid', { field: 'reaction' })
    },
  )

  test('a message has at most 20 of one user and 50 different ones', async () => {
    for (let turn = 0; turn < 20; turn++) await add(owner, `o${turn}`)
    expectProblem(await put(owner, 'more'), 409, 'conflict')
    for (let turn = 0; turn < 20; turn++) await add(member, `m${turn}`)
    const third = await person(app)
    await app.chat.membership.invite({ id: room }, owner, [third.id])
    await app.chat.membership.join({ id: room }, third)
    for (let turn = 0; turn < 10; turn++) await add(third, `t${turn}`)
    expectProblem(await put(third, 'more'), 409, 'conflict')
    bodyOf(await put(third, 'o1'), 200, Reacted)
  }, 60_000)

  test('takes from the budget of messages', async () => {
    const poor = await startApp({ RATE_MESSAGES_PER_SECOND: '1', RATE_MESSAGES_BURST: '2' })
    try {
      const one = await person(poor)
      const where = await makeRoom(poor, one)
      const at = await say(poor, where, one, 'words')
      const path = `/rooms/${where}/messages/${at}/reactions/`
      bodyOf(await call(poor, one, 'PUT', `${path}a`), 200, Reacted)
      expectProblem(await call(poor, one, 'PUT', `${path}b`), 429, 'rate_limited')
    } finally {
      await poor.close()
    }
  })
})

describe('who may', () => {
  test('react: members, and nobody else', async () => {
    const open = await makeRoom(app, owner, [], 'public')
    const at = await say(app, open, owner, 'words')
    for (const act of [put, remove]) {
      expectProblem(await act(outsider, '👍'), 404, 'not_found')
      expectProblem(await act(outsider, '👍', 9999), 404, 'not_found', { detail: 'Room not found' })
      expectProblem(await act(outsider, '👍', at, open), 403, 'forbidden')
      expectProblem(await act(owner, '👍', 9999), 404, 'not_found', { detail: 'Message not found' })
      expectProblem(await act(owner, '👍', at, 987_654), 404, 'not_found', { detail: 'Room not found' })
      expectProblem(
        await call(app, null, act === put ? 'PUT' : 'DELETE', pathOf('👍')),
        401,
        'unauthenticated',
      )
    }
    await app.chat.membership.invite({ id: room }, owner, [outsider.id])
    for (const act of [put, remove]) expectProblem(await act(outsider, '👍'), 403, 'forbidden')
    await app.chat.membership.join({ id: room }, outsider)
    bodyOf(await put(outsider, '👍'), 200, Reacted)
    await app.chat.membership.remove({ id: room }, owner, outsider.id)
    for (const act of [put, remove]) expectProblem(await act(outsider, '👍'), 404, 'not_found')
    expect(await shownTo(owner)).toMatchObject([{ reaction: '👍', count: 1, users: [ref(outsider)] }])
    const direct = await makeDirect(app, owner, outsider)
    const said = await say(app, direct, owner, 'words')
    bodyOf(await put(outsider, '👍', said, direct), 200, Reacted)
  })

  test('list who reacts: those who may read', async () => {
    const list = (who: Person | null, where: number = room) =>
      call(app, who, 'GET', `/rooms/${where}/messages/${message}/reactions`)
    expectProblem(await list(outsider), 404, 'not_found')
    expectProblem(await list(null), 401, 'unauthenticated')
    await app.chat.membership.invite({ id: room }, owner, [outsider.id])
    expectProblem(await list(outsider), 403, 'forbidden')
    bodyOf(await list(member), 200, ReactionPage)
    const open = await makeRoom(app, owner, [], 'public')
    message = await say(app, open, owner, 'words')
    bodyOf(await list(outsider, open), 200, ReactionPage)
  })
})

test('who reacts is listed in the order of time, page after page, in every way or in one', async () => {
  for (const [who, reaction] of [
    [member, 'b'],
    [owner, 'a'],
    [member, 'a'],
    [owner, 'c'],
  ] as const) {
    await add(who, reaction)
  }
  const path = `/rooms/${room}/messages/${message}/reactions`
  const found: unknown[] = []
  for (let query = '?limit=1'; ; ) {
    const { items, next } = await get(app, owner, path + query, ReactionPage)
    found.push(...items.map(({ user, reaction }) => [user.username, reaction]))
    if (next === null) break
    query = `?limit=1&cursor=${next}`
  }
  expect(found).toEqual([
    [member.username, 'b'],
    [owner.username, 'a'],
    [member.username, 'a'],
    [owner.username, 'c'],
  ])
  const { items } = await get(app, owner, `${path}?reaction=a`, ReactionPage)
  expect(items.map(({ user }) => user)).toEqual([ref(owner), ref(member)])
  expectProblem(await call(app, owner, 'GET', `${path}?reaction=Nothing`), 400, 'invalid', {
    field: 'reaction',
  })
  expectProblem(await call(app, owner, 'GET', `/rooms/${room}/messages/9999/reactions`), 404, 'not_found')
})

test('with a message its reactions are gone, and no more come', async () => {
  await add(member, '👍')
  const before = await get(app, owner, `/rooms/${room}`, Room)
  await call(app, owner, 'DELETE', `/rooms/${room}/messages/${message}`)
  expectProblem(await put(member, '👍'), 404, 'not_found')
  expectProblem(
    await call(app, owner, 'GET', `/rooms/${room}/messages/${message}/reactions`),
    404,
    'not_found',
  )
  expect(await shownTo(owner)).toBeUndefined()
  const { items, head } = await get(app, owner, `/rooms/${room}/changes?after=${message - 1}`, ChangesPage)
  expect([items.map(({ type }) => type), head]).toEqual([['message'], before.head + 1])
})

test('an edit keeps them', async () => {
  await add(member, '👍')
  await call(app, owner, 'PATCH', `/rooms/${room}/messages/${message}`, { body: 'other words' })
  expect(await shownTo(owner)).toMatchObject([{ reaction: '👍', count: 1 }])
})
