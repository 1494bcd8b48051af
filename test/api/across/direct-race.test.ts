import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { ask } from '../support/rest.ts'
import { parse } from '../support/shape.ts'
import { contractNamed } from './support/contracts.ts'
import { ChatShape, readChats } from './support/direct-list.ts'
import { makePair, type Person } from './support/people.ts'
import { directFrame } from './support/shapes.ts'
import { listen } from './support/sockets.ts'
import { openTables, type Tables } from './support/stored.ts'

let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp()
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

test('when both users of 100 pairs open their chat at the same time, one chat per pair is created', async () => {
  const pairs = await Promise.all(Array.from({ length: 100 }, () => makePair(app, 'left', 'right')))
  const answers = await Promise.all(
    pairs.map(([left, right]) => Promise.all([open(left, right), open(right, left)])),
  )

  const ids = new Set<number>()
  for (const [index, answer] of answers.entries()) {
    const [left, right] = pairs[index] ?? []
    if (left === undefined || right === undefined) throw new Error('an answer without its pair')
    expect(answer.map(({ status }) => status).sort()).toEqual([200, 201])
    const [mine, theirs] = answer.map(({ chat }) => chat)
    expect(mine?.id).toBe(theirs?.id ?? 0)
    expect([mine?.other_user, theirs?.other_user]).toEqual([who(right), who(left)])
    for (const chat of [mine, theirs]) {
      expect(chat?.participants.toSorted((a, b) => a.id - b.id)).toEqual(
        [who(left), who(right)].sort((a, b) => a.id - b.id),
      )
      expect(chat).toMatchObject({ last_message: null, unread_count: 0 })
    }
    ids.add(mine?.id ?? 0)
  }
  expect(ids.size).toBe(pairs.length)
  const [row] = await tables.sql`select count(*)::int as rooms from rooms where kind = 'direct'`
  expect(row?.rooms).toBe(pairs.length)
  for (const [index, [left, right]] of pairs.entries()) {
    const id = answers[index]?.[0].chat.id
    expect((await readChats(app, left)).map((chat) => chat.id)).toEqual([id ?? 0])
    expect((await readChats(app, right)).map((chat) => chat.id)).toEqual([id ?? 0])
  }
})

test('when each user opens the chat 16 times at once and connects, there is one chat and every socket has every message', async () => {
  const [left, right] = await makePair(app, 'left', 'right')
  const sides = Array.from({ length: 16 }, () => [
    { person: left, other: right },
    { person: right, other: left },
  ]).flat()
  const opened = await Promise.all(
    sides.map(async ({ person, other }, index) => {
      const { status, chat } = await open(person, other)
      const room = { id: chat.id, name: '', kind: 'direct' } as const
      const listener = await listen(contractNamed('direct chats'), { server: app, room, person })
      listener.say(`hello from ${index}`)
      return { status, room, listener }
    }),
  )
  expect(opened.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(opened.filter(({ status }) => status === 200)).toHaveLength(31)
  expect(new Set(opened.map(({ room }) => room.id)).size).toBe(1)

  const [first] = opened
  if (first === undefined) throw new Error('nobody came')
  const stored = await until(async () => {
    const found = await tables.messages(first.room)
    return found.length === opened.length && found
  }, 'every greeting to be stored')
  for (const { listener } of opened) {
    await until(() => listener.messages().length >= stored.length, 'every greeting to arrive')
    expect(listener.messages()).toMatchObject(
      stored.map((message) => ({
        message: { ...directFrame(message, false).message, is_read: expect.any(Boolean) },
      })),
    )
  }
  await Promise.all(opened.map(({ listener }) => listener.socket.close()))
})

async function open(person: Person, other: Person) {
  const answer = await ask('POST', `${app.url}/api/chats/create/`, {
    json: { user_id: other.id },
    token: person.token,
  })
  return { status: answer.status, chat: parse(ChatShape, answer.json) }
}

function who({ id, username }: Person) {
  return { id, username }
}
