// What streams may take: connections, memory, the time of a server that stops.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { EventReader } from '../support/event-reader.ts'
import { makeRoom, type Person, pair, person, say } from '../support/people.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp({
    SOCKET_BACKPRESSURE_BYTES: '262144',
    SOCKET_PONG_DEADLINE_MS: '2000',
    SOCKET_PING_MS: '500',
    SOCKET_HEARTBEAT_MS: '500',
    MAX_CONNECTIONS_PER_USER: '3',
    PRESENCE_GRACE_MS: '0',
  })
})
afterAll(() => app.close())

const follow = (who: Person) => EventReader.open({ url: `${app.url}/api/v2/events`, token: who.token })

/** A client that sends a request and reads nothing until it is told to. */
function stuck(who: Person): Socket {
  const { port } = new URL(app.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.pause()
  socket.write(
    `GET /api/v2/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${who.token}\r\nAccept: text/event-stream\r\n\r\n`,
  )
  return socket
}

const isOnline = async (who: Person) => (await app.chat.online.among([who.id])).size === 1

describe('streams', () => {
  test('count as connections of their user', async () => {
    const ann = await person(app)
    const three = await Promise.all([follow(ann), follow(ann), follow(ann)])
    for (const each of three) await each.until(() => each.of('hello').length === 1, 'a greeting')
    const fourth = await follow(ann)
    expect(fourth.response.status).toBe(429)
    expect(fourth.response.headers.get('retry-after')).toBe('5')
    await three[0]?.close()
    await until(async () => {
      const again = await follow(ann)
      await again.close()
      return again.response.status === 200
    }, 'room for another')
    for (const each of three) await each.close()
  })

  test('bear with a quiet client, whose connection is shown to live', async () => {
    const ann = await person(app)
    const reader = await follow(ann)
    await reader.until(() => reader.of('heartbeat').length >= 5, 'heartbeats for longer than the deadline')
    expect(reader.isOver).toBe(false)
    await reader.close()
  })

  test('end for a client that reads nothing, while others go on', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const slow = stuck(ann)
    const other = await EventReader.open({ url: `${app.url}/api/v2/events`, token: ben.token })
    await until(() => isOnline(ann), 'the slow client')
    await other.until(() => other.of('state').length === 1, 'the room')
    let sent = 0
    // Four times what the kernel takes for a client that reads nothing.
    for (; sent < 4000; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => say(app, room, ben, 'x'.repeat(4000))))
    await until(async () => !(await isOnline(ann)), 'the end of the slow client')
    await other.until(() => other.seqs(room).length >= sent, 'everything at the other client')
    slow.destroy()
    await other.close()
  })
})

test('a server that stops sends each client away with a pause of its own, and waits for none', async () => {
  const own = await startApp({ DATABASE_URL: app.databaseUrl })
  const ann = await person(own)
  const reader = await EventReader.open({ url: `${own.url}/api/v2/events`, token: ann.token })
  const polling = fetch(`${own.url}/api/v2/poll`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ rooms: [], wait: 30 }),
  }).then((response) => response.json())
  await reader.until(() => reader.id !== '', 'the stream to begin')
  const began = performance.now()
  await own.close()
  // Long before the poll would have ended by itself.
  expect(performance.now() - began).toBeLessThan(20_000)
  await reader.until(() => reader.isOver, 'the end')
  expect(reader.of('going_away')).toHaveLength(1)
  expect(reader.retryMs).toBe(reader.of('going_away')[0]?.reconnect_after_ms ?? -1)
  expect(reader.closed).toEqual({ code: 1012, reason: 'the server restarts' })
  expect(await polling).toMatchObject({ code: 1012, frames: [{ type: 'hello' }, { type: 'going_away' }] })
})
