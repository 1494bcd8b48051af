// Contract 4: old messages in pages, as Django REST Framework has them, and the socket as the Kotlin client uses it.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { publicRoom, say } from '../support/contracts/rooms.ts'
import { MessagesPageShape, RoomFrameShape } from '../support/contracts/shapes.ts'
import { expectAnswer } from '../support/rest.ts'
import { openSocket } from '../support/socket.ts'

let app: TestApp
let anna: Person
let messages: string
const NAME = '2nd year / é'

beforeAll(async () => {
  app = await startApp({ TRUSTED_PROXIES: '127.0.0.1' })
  anna = await person(app)
  await publicRoom(anna, NAME)
  for (let i = 1; i <= 45; i++) await say(anna, NAME, `${i}`)
  messages = `/api/chat/groups/${encodeURIComponent(NAME)}/messages/`
})
afterAll(() => app.close())

describe('GET /api/chat/groups/{room}/messages/', () => {
  test('shows the newest 20 first, with links to follow to the end', async () => {
    const pages: number[][] = []
    for (let next: string | null = `${app.url}${messages}`; next !== null; ) {
      const { pathname, search, origin } = new URL(next)
      expect(origin).toBe(app.url)
      const found = await page(`${pathname}${search}`)
      expect(found.count).toBe(45)
      pages.push(numbers(found))
      next = found.next
    }
    expect(pages).toEqual([countdown(45, 26), countdown(25, 6), countdown(5, 1)])
  })

  test('shows messages as the socket does', async () => {
    const { results } = await page(`${messages}?page_size=1`)
    const [newest] = results
    expect(newest).toMatchObject({ message: '45', message_type: 'text', username: anna.username, room: NAME })
    expect(newest?.user_id).toBe(anna.id)
  })

  test('links backwards, to the first page without its number', async () => {
    const at = `${app.url}${messages}`
    const found = [await page(messages), await page(`${messages}?page=2`), await page(`${messages}?page=3`)]
    expect(found.map(({ previous, next }) => [previous, next])).toEqual([
      [null, `${at}?page=2`],
      [at, `${at}?page=3`],
      [`${at}?page=2`, null],
    ])
  })

  test('keeps the other query parameters in its links', async () => {
    const { next, previous, results } = await page(`${messages}?page_size=10&page=2&x=a%20b`)
    expect(results.length).toBe(10)
    const query = (link: string | null) => Object.fromEntries(new URL(link ?? '').searchParams)
    expect(query(next)).toEqual({ page_size: '10', page: '3', x: 'a b' })
    expect(query(previous)).toEqual({ page_size: '10', x: 'a b' })
  })

  test('takes page sizes up to 100, a larger one as 100, and an invalid one as 20', async () => {
    const sizes = async (size: string) => (await page(`${messages}?page_size=${size}`)).results.length
    expect(await sizes('1')).toBe(1)
    expect(await sizes('45')).toBe(45)
    expect(await sizes('1000')).toBe(45)
    for (const none of ['0', '-1', 'x', '']) expect(await sizes(none)).toBe(20)
    const large = await publicRoom(anna)
    for (let i = 0; i < 101; i++) await say(anna, large.name, 'x')
    const path = `/api/chat/groups/${encodeURIComponent(large.name)}/messages/?page_size=101`
    expect((await page(path)).results.length).toBe(100)
  })

  test('accepts the name of the last page', async () => {
    const last = await page(`${messages}?page=last`)
    expect(numbers(last)).toEqual(countdown(5, 1))
    expect([last.next, last.previous]).toEqual([null, `${app.url}${messages}?page=2`])
    const even = await page(`${messages}?page=last&page_size=15`)
    expect(numbers(even)).toEqual(countdown(15, 1))
  })

  test('shows one empty page if there are no messages', async () => {
    const empty = await publicRoom(anna)
    const path = `/api/chat/groups/${encodeURIComponent(empty.name)}/messages/`
    const nothing = { count: 0, next: null, previous: null, results: [] }
    for (const query of ['', '?page=1', '?page=last']) expect(await page(path + query)).toEqual(nothing)
    expect(said(await anna.call('GET', `${path}?page=2`))).toEqual(invalidPage)
  })

  test.each(['4', '0', '-1', 'x', '1.5', 'first', '999999999', '9'.repeat(30)])(
    'refuses the page %s',
    async (number) => {
      expect(said(await anna.call('GET', `${messages}?page=${number}`))).toEqual(invalidPage)
    },
  )

  test('is for members only, also in public rooms', async () => {
    const ben = await person(app)
    expect(said(await ben.call('GET', messages))).toEqual({
      status: 403,
      body: { detail: 'You are not a member of this room.' },
    })
    const missing = await ben.call('GET', '/api/chat/groups/no%20such%20room/messages/')
    expect(said(missing)).toEqual({ status: 404, body: { detail: 'Not found.' } })
  })

  test('links to the address that the client uses, behind a trusted proxy', async () => {
    const link = async (headers: Record<string, string>) => {
      const answer = await anna.call('GET', messages, undefined, { host: 'chat.example.com', ...headers })
      return expectAnswer(answer, 200, MessagesPageShape).next
    }
    const rest = `://chat.example.com${messages}?page=2`
    expect(await link({ 'x-forwarded-proto': 'https' })).toBe(`https${rest}`)
    expect(await link({ 'x-forwarded-proto': 'http' })).toBe(`http${rest}`)
    expect(await link({})).toBe(`http${rest}`)
  })
})

describe('the socket', () => {
  test('accepts the token in its address, and messages with a type, as the Kotlin client sends them', async () => {
    const { name } = await publicRoom(anna, '2nd_year')
    const socket = openSocket(`${app.wsUrl}/ws/chat/${name}/?token=${anna.token}`)
    await socket.opened
    socket.send('{"message": "Hello, world!", "message_type": "text"}')
    expect(await socket.next(RoomFrameShape)).toMatchObject({
      message: 'Hello, world!',
      message_type: 'text',
      username: anna.username,
      room: '2nd_year',
    })
    await socket.close(1000)
    expect(app.logs().filter((line) => line.includes(anna.token))).toEqual([])
  })

  test('answers the handshake of OkHttp, which offers compression, without compression', async () => {
    const { name } = await publicRoom(anna)
    const okHttp = {
      'Sec-WebSocket-Extensions': 'permessage-deflate',
      'Accept-Encoding': 'gzip',
      'User-Agent': 'okhttp/4.12.0',
    }
    const path = `/ws/chat/${encodeURIComponent(name)}/?token=${anna.token}`
    const { status, headers } = await handshake(app.wsUrl + path, okHttp)
    expect([status, headers.get('sec-websocket-extensions')]).toEqual([101, null])
    expect(headers.get('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })
})

const invalidPage = { status: 404, body: { detail: 'Invalid page.' } }

async function page(path: string) {
  return expectAnswer(await anna.call('GET', path), 200, MessagesPageShape)
}

function numbers({ results }: { results: readonly { message: string }[] }): number[] {
  return results.map((frame) => Number(frame.message))
}

function countdown(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, i) => from - i)
}
