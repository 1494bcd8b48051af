// Room names of any script, through every route and socket that takes one, in the path, the query or the body.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { acceptedNames, refusedNames, shownName } from '../support/contracts/names.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { closeCode, echo, enter, publicRoom, room, roomPath, say } from '../support/contracts/rooms.ts'
import {
  ChatHistoryShape,
  ListedGroupShape,
  ListedRoomsShape,
  MembersShape,
  MessagesPageShape,
} from '../support/contracts/shapes.ts'
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

const notFound = { status: 404, body: { detail: 'Not found.' } }

describe('a room may be called', () => {
  test.each(acceptedNames)('%j', async (name) => {
    const open = await publicRoom(anna, name)
    const group = expectAnswer(await ben.call('POST', groupPath(name, 'join')), 200, ListedGroupShape)
    const shown = shownName(name)
    expect([group.id, group.name]).toEqual([open.id, shown])
    const socket = await enter(ben, name)
    await say(anna, name, 'through the body')
    const [history, members, page] = await Promise.all([
      ben.call('GET', `/chat/history/?room=${encodeURIComponent(name)}`),
      ben.call('GET', groupPath(name, 'members')),
      ben.call('GET', `${groupPath(name, 'messages')}?page_size=1`),
    ])
    const { chat_history } = expectAnswer(history, 200, ChatHistoryShape)
    expect(chat_history.at(-1)).toMatchObject({ message: 'through the body', room: shown })
    expect(expectAnswer(members, 200, MembersShape).map((member) => member.id)).toEqual([anna.id, ben.id])
    const { count, results, next } = expectAnswer(page, 200, MessagesPageShape)
    expect([count, results[0]?.room]).toEqual([2, shown])
    const { pathname, search } = new URL(next ?? '')
    const older = expectAnswer(await ben.call('GET', pathname + search), 200, MessagesPageShape)
    expect(older.results[0]?.username).toBe(ben.username)
    expect((await ben.call('POST', groupPath(name, 'leave'))).status).toBe(204)
    expect(await closeCode(socket)).toBe(1008)
    expect(socket.frames.map(roomOf)).toEqual([shown, shown])
    await remove(open.id)

    expect(said(await ben.call('POST', groupPath(name, 'join')))).toEqual(notFound)
    const refusal = await handshake(`${app.wsUrl}${roomPath(name)}?token=${ben.token}`)
    expect([refusal.status, refusal.json]).toEqual([404, { error: 'Room not found' }])

    const closed = await room(anna, { name, invited: [ben] })
    const inside = await enter(ben, name)
    const listed = expectAnswer(await ben.call('GET', '/chat/rooms/'), 200, ListedRoomsShape)
    expect([closed.name, listed.map((entry) => entry.name)]).toEqual([shown, [shown]])
    await remove(closed.id)
    expect(await closeCode(inside)).toBe(1008)
    expect(inside.frames.map(roomOf)).toEqual([shown])
  })
})

describe('no room may be called', () => {
  test.each(refusedNames)('%j', async (name) => {
    const created = await anna.call('POST', '/chat/create-room/', { name })
    expect(said(created)).toEqual({ status: 400, body: { error: expect.stringMatching(/^name must /) } })
    const v1 = await anna.call('POST', '/api/v1/rooms', { name })
    expect(said(v1)).toEqual({ status: 400, body: { detail: expect.stringMatching(/^name must /) } })
  })
})

test('names that differ in case, normalisation or white space around them are one', async () => {
  const made = await publicRoom(anna, 'Straße é')
  for (const name of ['straße e\u0301', 'STRASSE É', ' Straße  é ']) {
    const again = await ben.call('POST', '/api/v1/rooms', { name })
    expect(said(again)).toEqual({ status: 400, body: { detail: 'Room name already exists' } })
    const group = expectAnswer(await ben.call('POST', groupPath(name, 'join')), 200, ListedGroupShape)
    expect([group.id, group.name]).toEqual([made.id, 'Straße é'])
    const history = expectAnswer(
      await ben.call('GET', `/chat/history/?room=${encodeURIComponent(name)}`),
      200,
      ChatHistoryShape,
    )
    expect(history.chat_history).toEqual([])
  }
})

test('a name that looks like that of a public room is taken', async () => {
  await publicRoom(anna, 'payroll')
  for (const name of ['рayroll', 'payrоll']) {
    const again = await ben.call('POST', '/chat/create-room/', { name })
    expect(said(again)).toEqual({ status: 400, body: { error: 'Room name already exists' } })
  }
})

test('nobody learns from a refusal that a hidden room has the name: they get one of their own', async () => {
  const hidden = await room(anna, { name: 'Board' })
  const json = { name: 'board' }
  expect(said(await anna.call('POST', '/chat/create-room/', json))).toEqual({
    status: 400,
    body: { error: 'Room name already exists' },
  })
  const own = await room(ben, { name: 'board' })
  const socket = await enter(ben, 'BOARD')
  await say(ben, 'Board', 'my own')
  expect(own.id).not.toBe(hidden.id)
  const { chat_history } = expectAnswer(
    await anna.call('GET', '/chat/history/?room=board'),
    200,
    ChatHistoryShape,
  )
  expect(chat_history).toEqual([])
  await echo(socket)
  expect(new Set(socket.frames.map(roomOf))).toEqual(new Set(['board']))
})

test('percent-encoding in lower case, or of characters that do not need it, means the same', async () => {
  const made = await publicRoom(anna, 'péage/A')
  for (const path of ['p%c3%a9age%2fA', 'p%C3%A9age%2FA', '%70%C3%A9%61ge%2F%41', 'péage%2FA']) {
    const answer = await anna.call('POST', `/api/chat/groups/${path}/join/`)
    expect(expectAnswer(answer, 200, ListedGroupShape).id).toBe(made.id)
    const opened = await handshake(`${app.wsUrl}/ws/chat/${path}?token=${anna.token}`)
    expect(opened.status).toBe(101)
  }
})

test.each(['%', '%f', '%zz', '%ff', '%C3', '%ed%a0%80'])(
  'a path with the malformed %s matches no room',
  async (part) => {
    const answer = await anna.call('POST', `/api/chat/groups/${part}/join/`)
    expect(said(answer)).toEqual(notFound)
    const refusal = await handshake(`${app.wsUrl}/ws/chat/${part}/?token=${anna.token}`)
    expect([refusal.status, refusal.json]).toEqual([404, { error: expect.stringMatching(/[Nn]ot found/) }])
  },
)

function groupPath(name: string, what: string): string {
  return `/api/chat/groups/${encodeURIComponent(name)}/${what}/`
}

async function remove(id: number): Promise<void> {
  expect((await anna.call('DELETE', `/chat/rooms/${id}/`)).status).toBe(204)
}

function roomOf(frame: unknown): unknown {
  return typeof frame === 'object' && frame !== null && 'room' in frame ? frame.room : undefined
}
