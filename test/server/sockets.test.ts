import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { TestSocket } from '../api/support/socket.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../api/support/v1-client.ts'
import { HistoryFrame, SystemFrame, TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { openRaw } from './support/raw-client.ts'
import { handshake, handshakeRequest } from './support/raw-http.ts'
import { encodeFrame, openRawWebSocket, PING, PONG, TEXT } from './support/raw-websocket.ts'

let app: TestApp
let v1: V1Client
let room: V1Room
let user: V1User
let bystander: TestSocket

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
  room = await v1.room()
  user = await v1.user()
  bystander = (await v1.join(room, await v1.user())).socket
})
afterAll(async () => {
  await bystander.close()
  await app.close()
})

describe('a client that breaks the protocol is closed, and nobody else notices:', () => {
  const text = `{"type":"text","content":"x","user_id":"1"}`
  const broken: [string, number, Uint8Array][] = [
    ['invalid UTF-8', 1007, encodeFrame(TEXT, new Uint8Array([0x7b, 0xff, 0x7d]))],
    ['an unmasked frame', 1002, encodeFrame(TEXT, text, { masked: false })],
    ['a reserved opcode', 1002, encodeFrame(5, text)],
    ['a reserved bit', 1002, new Uint8Array([0xc1, 0x80, 0, 0, 0, 0])],
    ['a continuation of nothing', 1002, encodeFrame(0, text)],
    ['a ping that is too long', 1002, encodeFrame(PING, 'x'.repeat(126))],
    ['a ping in fragments', 1002, encodeFrame(PING, 'x', { final: false })],
    ['a frame that is too large', 1009, encodeFrame(TEXT, 'x'.repeat(65_537))],
    [
      'fragments that are too large together',
      1009,
      Buffer.concat([
        encodeFrame(TEXT, 'x'.repeat(40_000), { final: false }),
        encodeFrame(0, 'x'.repeat(40_000), { final: false }),
      ]),
    ],
    [
      'a length that no buffer holds',
      1009,
      new Uint8Array([0x81, 0xff, 0x7f, ...Array(7).fill(255), 1, 2, 3, 4]),
    ],
  ]

  test.each(broken)('%s', async (_, code, bytes) => {
    const client = await openRawWebSocket(socketUrl())
    client.write(bytes)
    expect(await client.closeCode()).toBe(code)
    await client.closed()
    const sent = await v1.say(room, user, `after ${crypto.randomUUID()}`)
    await bystander.nextWhere(TextFrame, (frame) => frame.id === sent.id)
  })

  test('a flood of fragments', async () => {
    const client = await openRawWebSocket(socketUrl())
    const fragment = encodeFrame(0, 'x', { final: false })
    client.write(encodeFrame(TEXT, 'x', { final: false }))
    for (let i = 0; i < 70; i++) client.write(Buffer.concat(Array<Buffer>(1000).fill(fragment)))
    expect(await client.closeCode()).toBe(1009)
    await client.closed()
  })

  test('ten thousand garbage frames', async () => {
    const client = await openRawWebSocket(socketUrl())
    const frame = encodeFrame(TEXT, 'garbage')
    for (let i = 0; i < 10; i++) client.write(Buffer.concat(Array<Buffer>(1000).fill(frame)))
    expect(await client.closeCode()).toBe(1008)
    const sent = await v1.say(room, user, 'after the garbage')
    await bystander.nextWhere(TextFrame, (message) => message.id === sent.id)
    client.end()
  })

  test('an endless handshake', async () => {
    const client = await openRaw(app.url)
    client.write(handshakeRequest(socketUrl()).slice(0, -4))
    await v1.say(room, user, 'meanwhile')
    client.end()
  })
})

describe('the protocol', () => {
  test('a ping is answered with the same payload', async () => {
    const client = await openRawWebSocket(socketUrl())
    client.sendFrame(PING, 'are you there')
    const pong = await until(() => client.frames().find((frame) => frame.opcode === PONG), 'a pong')
    expect(pong.payload.toString()).toBe('are you there')
    client.end()
  })

  test('a message may arrive in fragments, with a ping between them', async () => {
    const client = await openRawWebSocket(socketUrl())
    const frame = JSON.stringify({ type: 'text', content: 'in three parts 😀', user_id: user.id })
    const bytes = new TextEncoder().encode(frame)
    // Cut within a character.
    const cut = bytes.length - 22
    client.sendFrame(TEXT, bytes.subarray(0, 10), { final: false })
    client.sendFrame(PING, '')
    client.sendFrame(0, bytes.subarray(10, cut), { final: false })
    client.sendFrame(0, bytes.subarray(cut))
    await bystander.nextWhere(TextFrame, (message) => message.content === 'in three parts 😀')
    client.end()
  })

  test('compression is refused, because a small frame could expand to any size', async () => {
    const answer = await handshake(socketUrl(), {
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    })
    expect([answer.status, answer.headers.get('sec-websocket-extensions')]).toEqual([101, null])
  })

  test.each(['x', 'db', 'chat.example.com:8443'])('a Host header of %p is accepted', async (host) => {
    expect((await handshake(socketUrl(), { Host: host })).status).toBe(101)
  })
})

describe('connections', () => {
  test('past MAX_CONNECTIONS_PER_ADDRESS get 429, until one closes', async () => {
    const limited = await startApp({
      DATABASE_URL: app.databaseUrl,
      MAX_CONNECTIONS_PER_ADDRESS: '2',
      TRUSTED_PROXIES: '127.0.0.1',
    })
    const url = socketUrl(limited)
    const from = (address: string) => ({ 'X-Forwarded-For': address })
    const one = await openRawWebSocket(url, from('1.1.1.1'))
    // What never became a connection takes no place.
    expect((await handshake(url, { ...from('1.1.1.1'), 'Sec-WebSocket-Key': 'bad' })).status).toBe(400)
    const two = await openRawWebSocket(url, from('1.1.1.1'))
    const refused = await handshake(url, from('1.1.1.1'))
    expect(refused.status).toBe(429)
    expect(Object.keys(Object(refused.json))).toEqual(['detail'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await handshake(url, from('2.2.2.2'))).status).toBe(101)
    one.end()
    await until(async () => (await handshake(url, from('1.1.1.1'))).status === 101, 'the place to be free')
    two.end()
    await limited.close()
  })

  test('past MAX_CONNECTIONS get 429, until one closes', async () => {
    const limited = await startApp({ DATABASE_URL: app.databaseUrl, MAX_CONNECTIONS: '2' })
    const url = socketUrl(limited)
    const [one, two] = [await openRawWebSocket(url), await openRawWebSocket(url)]
    const refused = await handshake(url)
    // The document has no 503 in its list.
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    // REST goes on.
    expect((await v1Client(limited).call('GET', '/rooms')).status).toBe(200)
    two.end()
    await until(async () => (await handshake(url)).status === 101, 'the place to be free')
    one.end()
    await limited.close()
  })

  test('that open and close at once leave nothing behind', async () => {
    const limited = await startApp({ DATABASE_URL: app.databaseUrl, MAX_CONNECTIONS: '20' })
    const client = v1Client(limited)
    const fleeting = await client.user()
    const here = await client.room()
    const watcher = (await client.join(here, await client.user())).socket
    for (let round = 0; round < 10; round++) {
      // Cut off anywhere between the handshake and the history.
      await Promise.all(
        Array.from({ length: 15 }, async () => {
          const raw = await openRaw(limited.url)
          raw.write(handshakeRequest(`${limited.wsUrl}/api/v1/ws/${here.id}/${fleeting.id}`))
          if (round % 2 === 0) await until(() => raw.received().length > 0 || raw.isClosed(), 'an answer')
          raw.end()
        }),
      )
    }
    // They have all left: the next one to come is announced, and so is its going.
    await until(async () => {
      const socket = client.open(here, fleeting)
      await socket.next(HistoryFrame).catch(() => undefined)
      await socket.close()
      return watcher.frames.filter((frame) => JSON.stringify(frame).includes(' left ')).length > 0
    }, 'the last of them to have left')
    const notices = watcher.frames.flatMap(
      (frame) => / (joined|left) /.exec(JSON.stringify(frame))?.[1] ?? [],
    )
    notices.forEach((word, i) => {
      expect(word).toBe(i % 2 === 0 ? 'joined' : 'left')
    })
    const last = client.open(here, await client.user())
    await last.next(HistoryFrame)
    await watcher.nextWhere(SystemFrame, (frame) => frame.content.endsWith('joined the chat'))
    await Promise.all([last.close(), watcher.close()])
    await limited.close()
  })
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function socketUrl({ wsUrl }: TestApp = app): string {
  return `${wsUrl}/api/v1/ws/${room.id}/${user.id}`
}
