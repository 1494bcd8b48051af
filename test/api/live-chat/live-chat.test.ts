// Contract 2: sending and reading without a socket.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { directChat, enter, join, publicRoom, room, say } from '../support/contracts/rooms.ts'
import { ChatHistoryShape, GroupsShape, RoomFrameShape } from '../support/contracts/shapes.ts'
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

describe('the document’s literal requests', () => {
  test('use the default room, which exists from the start and is empty', async () => {
    const fresh = await startApp()
    const who = await person(fresh)
    expect(said(await who.call('GET', '/chat/history/'))).toEqual({ status: 200, body: { chat_history: [] } })
    const json = { message: 'Your message here' }
    expect(said(await who.call('POST', '/chat/send/', json))).toEqual({
      status: 200,
      body: { message: 'Message sent!' },
    })
    const answer = await who.call('GET', '/chat/history/')
    const [entry, ...more] = expectAnswer(answer, 200, ChatHistoryShape).chat_history
    expect(more).toEqual([])
    expect(entry).toMatchObject({ message: 'Your message here', message_type: 'text', room: 'lobby' })
    expect(entry).toMatchObject({ username: who.username, user_id: who.id })
    await fresh.close()
  })

  test('use the room that DEFAULT_ROOM names', async () => {
    const fresh = await startApp({ DEFAULT_ROOM: 'my room' })
    const who = await person(fresh)
    const socket = await enter(who, 'my room')
    expect((await who.call('POST', '/chat/send/', { message: 'to the default' })).status).toBe(200)
    await socket.nextWhere(RoomFrameShape, (frame) => frame.message === 'to the default')
    const named = await who.call('GET', '/chat/history/?room=my%20room')
    expect(named.json).toEqual((await who.call('GET', '/chat/history/')).json)
    expect((await who.call('GET', '/chat/history/?room=lobby')).status).toBe(404)
    await socket.close()
    await fresh.close()
  })

  test('work with and without a trailing slash', async () => {
    for (const slash of ['', '/']) {
      expect((await anna.call('POST', `/chat/send${slash}`, { message: 'slash' })).status).toBe(200)
      expect((await anna.call('GET', `/chat/history${slash}`)).status).toBe(200)
    }
  })
})

describe('POST /chat/send/', () => {
  test('reaches everyone who is connected to the room, including the sender', async () => {
    const open = await publicRoom(anna)
    const [one, two] = [await enter(anna, open.name), await enter(ben, open.name)]
    await say(anna, open.name, 'for both')
    const frames = [
      await one.nextWhere(RoomFrameShape, (frame) => frame.message === 'for both'),
      await two.nextWhere(RoomFrameShape, (frame) => frame.message === 'for both'),
    ]
    expect(frames[0]).toEqual(frames[1])
    expect(frames[0]).toMatchObject({ username: anna.username, user_id: anna.id, room: open.name })
    await Promise.all([one.close(), two.close()])
  })

  test('accepts a message type', async () => {
    const open = await publicRoom(anna)
    const json = { message: 'a picture', room: open.name, message_type: 'image' }
    expect((await anna.call('POST', '/chat/send/', json)).status).toBe(200)
    expect((await history(anna, open.name)).map((frame) => frame.message_type)).toEqual(['image'])
  })

  test('joins a public room', async () => {
    const open = await publicRoom(anna)
    await say(ben, open.name, 'here I am')
    const joined = expectAnswer(await ben.call('GET', '/api/chat/groups/'), 200, GroupsShape)
    expect(joined.find((group) => group.id === open.id)?.members_count).toBe(2)
  })

  test('joins a private room if the sender is invited', async () => {
    const made = await room(anna, { invited: [ben] })
    await say(ben, made.name, 'thank you')
    expect((await history(ben, made.name)).map((frame) => frame.message)).toEqual(['thank you'])
  })

  test('keeps the text exactly as it was sent', async () => {
    const open = await publicRoom(anna)
    const texts = [
      '  blanks around \n and within\t',
      '\u202Eright to left\u202C \u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627',
      '👩‍👩‍👧‍👦 e\u0301 é \uFEFF \u200B',
      '"quotes" \\ </script> %20 &amp; \u2028',
      '😀'.repeat(4000),
    ]
    for (const text of texts) await say(anna, open.name, text)
    expect((await history(anna, open.name)).map((frame) => frame.message)).toEqual(texts)
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \n\t\u3000 '],
    ['NUL', 'a\0b'],
    ['half a character', 'a\ud83d'],
    ['4,001 characters', 'x'.repeat(4001)],
    ['4,001 characters beyond the basic plane', '😀'.repeat(4001)],
    ['a number', 5],
    ['null', null],
    ['a list', ['x']],
  ])('refuses %s', async (_, message) => {
    const answer = await anna.call('POST', '/chat/send/', { message })
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/^message[ :]/) } })
  })

  test.each(['system', 'Text', 'a b', '', '7up', 'x'.repeat(33), 'ü', 5, null])(
    'refuses the type %j',
    async (message_type) => {
      const answer = await anna.call('POST', '/chat/send/', { message: 'typed', message_type })
      expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/type/) } })
    },
  )

  test('refuses a room that does not exist', async () => {
    for (const name of ['no such room', '12345', '', 'a\0b']) {
      const answer = await anna.call('POST', '/chat/send/', { message: 'hello?', room: name })
      expect(said(answer)).toEqual({ status: 404, body: { error: 'Room not found' } })
    }
  })

  test('refuses a private room to users who are not invited, and sends nothing to it', async () => {
    const made = await room(anna)
    const answer = await ben.call('POST', '/chat/send/', { message: 'let me in', room: made.name })
    expect(said(answer)).toEqual({ status: 403, body: { error: 'You are not allowed in this room' } })
    expect(await history(anna, made.name)).toEqual([])
  })

  test.each([
    [{}],
    [[]],
    ['x'],
    [{ body: 'hello' }],
    [{ message: 'x', room: 5 }],
    [{ message: 'x', room: null }],
  ])('refuses %j', async (json) => {
    const answer = await anna.call('POST', '/chat/send/', json)
    expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/.../) } })
  })

  test('ignores unknown fields', async () => {
    const open = await publicRoom(anna)
    const extra = {
      id: 7,
      seq: 9,
      username: ben.username,
      user_id: ben.id,
      timestamp: '2020-01-01T00:00:00Z',
    }
    await anna.call('POST', '/chat/send/', { message: 'mine', room: open.name, ...extra })
    const [entry] = await history(anna, open.name)
    expect(entry).toMatchObject({ username: anna.username, user_id: anna.id })
    expect(entry?.timestamp.startsWith('2020')).toBe(false)
  })
})

describe('GET /chat/history/', () => {
  test('shows the latest messages, oldest first, and pages back', async () => {
    const open = await publicRoom(anna)
    for (let i = 1; i <= 53; i++) await say(anna, open.name, `${i}`)
    const numbers = async (query: string) =>
      (await history(anna, open.name, query)).map((frame) => Number(frame.message))
    expect((await numbers('')).at(0)).toBe(4)
    expect((await numbers('')).at(-1)).toBe(53)
    expect(await numbers('&limit=2')).toEqual([52, 53])
    const [first] = await history(anna, open.name, '&limit=2')
    expect(await numbers(`&before=${first?.id}&limit=3`)).toEqual([49, 50, 51])
  })

  test('shows a public room to non-members, without joining it', async () => {
    const open = await publicRoom(anna)
    await say(anna, open.name, 'for all')
    expect((await history(ben, open.name)).map((frame) => frame.message)).toEqual(['for all'])
    expect((await ben.call('GET', '/api/chat/groups/')).text).not.toContain(open.name)
  })

  test('shows no private room to non-members, invited or not', async () => {
    const made = await room(anna, { invited: [ben] })
    const cleo = await person(app)
    for (const who of [ben, cleo]) {
      const answer = await who.call('GET', `/chat/history/?room=${encodeURIComponent(made.name)}`)
      expect(said(answer)).toEqual({
        status: 403,
        body: { error: expect.stringMatching(/^You are not allowed/) },
      })
    }
    await join(ben, made.id)
    expect(await history(ben, made.name)).toEqual([])
  })

  test('finds no direct chats, because they have no name', async () => {
    const chat = await directChat(anna, ben)
    const answer = await anna.call('GET', `/chat/history/?room=${chat.id}`)
    expect(said(answer)).toEqual({ status: 404, body: { error: 'Room not found' } })
  })

  test.each(['limit=0', 'limit=201', 'limit=-1', 'limit=x', 'before=x', 'before=0', 'before=987654'])(
    'refuses %s',
    async (query) => {
      const answer = await anna.call('GET', `/chat/history/?${query}`)
      expect(said(answer)).toEqual({ status: 400, body: { error: expect.stringMatching(/./) } })
    },
  )

  test('refuses a request without a credential', async () => {
    const { status, headers, json } = await fetchWithoutToken('/chat/history/')
    expect([status, json]).toEqual([401, { error: 'Authentication credentials were not provided.' }])
    expect(headers.get('www-authenticate')).toBe('Token')
  })
})

async function history(who: Person, name: string, query = '') {
  const answer = await who.call('GET', `/chat/history/?room=${encodeURIComponent(name)}${query}`)
  return expectAnswer(answer, 200, ChatHistoryShape).chat_history
}

async function fetchWithoutToken(path: string) {
  const response = await fetch(app.url + path)
  const json: unknown = await response.json()
  return { status: response.status, headers: response.headers, json }
}
