import { afterAll, beforeAll, expect, test } from 'bun:test'
import { systemClock } from '../../src/server/index.ts'
import { type V1Client, v1Client } from '../api/support/v1-client.ts'
import { HistoryFrame, SystemFrame, TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { openRawWebSocket, PING, PONG, TEXT } from './support/raw-websocket.ts'

const BACKPRESSURE = 131_072
const CLOSE_TOO_SLOW = 4008

let app: TestApp
let v1: V1Client

beforeAll(async () => {
  app = await startApp({
    SOCKET_PING_MS: '200',
    SOCKET_PONG_DEADLINE_MS: '2000',
    SOCKET_BACKPRESSURE_BYTES: `${BACKPRESSURE}`,
    MAX_MESSAGE_LENGTH: '16000',
  })
  v1 = v1Client(app)
})
afterAll(() => app.close())

test('a half-open peer is closed although it is sent frames; a peer with any sign of life stays', async () => {
  const room = await v1.room()
  const [speaker, dead, quiet] = [await v1.user(), await v1.user(), await v1.user()]
  const watcher = (await v1.join(room, speaker)).socket
  // Never sends a frame by itself, but answers pings as every client does.
  const living = v1.open(room, quiet)
  await living.next(HistoryFrame)
  // These answer no ping, but are heard in another way.
  const heard = await Promise.all(
    [PONG, PING, TEXT].map(async (opcode) => {
      const other = await openRawWebSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${quiet.id}`)
      return { other, timer: setInterval(() => other.sendFrame(opcode, ''), 50) }
    }),
  )
  const peer = await openRawWebSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${dead.id}`)
  await until(() => peer.frames().length > 0, 'the history')
  let pushed = 0
  await until(async () => {
    // More than one a ping: what is pushed must not count as a sign of life.
    await v1.say(room, speaker, `${++pushed}`)
    return peer.isClosed()
  }, 'the silent peer to be cut off')
  await watcher.nextWhere(SystemFrame, (frame) => frame.content === `User ${dead.username} left the chat`)
  const frames = peer.frames()
  expect(frames.filter(({ opcode }) => opcode === PING).length).toBeGreaterThan(0)
  expect(frames.filter(({ opcode }) => opcode === TEXT).length).toBeGreaterThan(5)
  const last = await v1.say(room, speaker, 'still here?')
  await living.nextWhere(TextFrame, (frame) => frame.id === last.id)
  for (const { other, timer } of heard) {
    expect(other.isClosed()).toBe(false)
    clearInterval(timer)
    other.end()
  }
  await Promise.all([living.close(), watcher.close()])
})

test('a client that reads too slowly is closed without a gap and told why, and the others in the room miss nothing', async () => {
  const room = await v1.room()
  const [speaker, slow, other] = [await v1.user(), await v1.user(), await v1.user()]
  const listener = (await v1.join(room, other)).socket
  const talker = (await v1.join(room, speaker)).socket
  const peer = await openRawWebSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${slow.id}`)
  await until(() => peer.frames().length > 0, 'the history')
  peer.pause()
  // It would answer pings, so it is not its silence that ends it.
  const pongs = setInterval(() => peer.sendFrame(PONG, ''), 50)
  const left = listener.nextWhere(
    SystemFrame,
    (frame) => frame.content === `User ${slow.username} left the chat`,
  )
  let gone = false
  void left.then(() => {
    gone = true
  })
  const words: string[] = []
  const filler = '😀'.repeat(15_000)
  while (!gone) {
    if (words.length > 2000) throw new Error('the slow client was never closed')
    words.push(`${words.length}:`)
    talker.send({ type: 'text', content: words.at(-1) + filler, user_id: speaker.id })
    await talker.nextWhere(TextFrame, (frame) => frame.content.startsWith(words.at(-1) ?? ''))
  }
  clearInterval(pongs)
  // The kernel's buffers take a few megabytes before the server's own begins to fill.
  expect(words.length).toBeGreaterThan(BACKPRESSURE / filler.length / 2)
  const heard = () =>
    listener.frames.flatMap((frame) => /"content":"(\d+:)/.exec(JSON.stringify(frame))?.[1] ?? [])
  await until(() => heard().includes(words.at(-1) ?? ''), 'the last message')
  expect(heard()).toEqual(words)

  peer.resume()
  expect(await peer.closeCode()).toBe(CLOSE_TOO_SLOW)
  await peer.closed()
  const received = peer
    .frames()
    .flatMap(({ opcode, payload }) =>
      opcode === TEXT ? (/"content":"(\d+:)/.exec(payload.toString())?.[1] ?? []) : [],
    )
  expect(received).toEqual(words.slice(0, received.length))
  expect(received.length).toBeGreaterThan(0)
  expect(received.length).toBeLessThan(words.length)
  await Promise.all([talker.close(), listener.close()])
})

test('a stall of the process does not count as silence of clients', async () => {
  let jumped = 0
  const clock = { ...systemClock, ticks: () => systemClock.ticks() + jumped }
  const stalling = await startApp(
    { DATABASE_URL: app.databaseUrl, SOCKET_PING_MS: '200', SOCKET_PONG_DEADLINE_MS: '1000' },
    { clock },
  )
  const client = v1Client(stalling)
  const [room, user] = [await client.room(), await client.user()]
  const living = (await client.join(room, user)).socket
  const peer = await openRawWebSocket(`${stalling.wsUrl}/api/v1/ws/${room.id}/${user.id}`)
  jumped = 60_000
  // That it is reaped all the same shows that everyone was looked at after the stall.
  await peer.closed()
  const sent = await client.say(room, user, 'still here?')
  await living.nextWhere(TextFrame, (frame) => frame.id === sent.id)
  await living.close()
  await stalling.close()
})
