// A client that reads too slowly and is behind a balancer hears why it was cut off, after everything up to some frame.
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ServerFrame } from '../../../../src/api/v2/wire/index.ts'
import {
  CLOSE,
  openRawWebSocket,
  PONG,
  type RawWebSocket,
  TEXT,
} from '../../../server/support/raw-websocket.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { type ProxyServer, startCaddy, startHaproxy, startNginx } from '../../../support/proxies/index.ts'
import { until } from '../../../support/until.ts'
import { exactly } from '../support/exact-shape.ts'
import { makeRoom, type Person, person } from '../support/people.ts'
import { enter, isEvent, send } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'

// A machine that does much else at once is slow, not wrong.
setDefaultTimeout(120_000)

const CLOSE_TOO_SLOW = 4008
const shape = exactly(ServerFrame)
let app: TestApp
let owner: Person
let member: Person
let proxy: ProxyServer

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '16000', TRUSTED_PROXIES: '127.0.0.1' })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
afterEach(() => proxy.remove())
afterAll(() => app.close())

test.each([
  ['HAProxy', startHaproxy],
  ['nginx', startNginx],
  ['Caddy', startCaddy],
])('behind %s', async (_, startProxy) => {
  const port = Number(new URL(app.url).port)
  // The page's configuration has two nodes.
  proxy = await startProxy([port, port])
  const room = await makeRoom(app, owner, [member])
  const speaker = await connect(app, owner)
  await enter(speaker, room)
  const url = `${proxy.url.replace('http', 'ws')}/api/v2/socket?token=${member.token}`
  const slow = await openRawWebSocket(url)
  slow.sendFrame(TEXT, JSON.stringify({ type: 'subscribe', id: 1, room }))
  await until(() => textsOf(slow).some((text) => text.includes('"type":"state"')), 'the room')
  slow.pause()
  const pongs = setInterval(() => slow.sendFrame(PONG, ''), 50)
  let last = 0
  try {
    await until(async () => {
      for (let n = 0; n < 20; n++) last = (await send(speaker, room, '語'.repeat(15_000))).seq
      if (last > 5000) throw new Error('the slow client was never cut off')
      return (await app.core.roomPresence.count(room)) === 1
    }, 'the slow client to be cut off')
  } finally {
    clearInterval(pongs)
  }
  slow.resume()
  await slow.closed()
  expect(await slow.closeCode()).toBe(CLOSE_TOO_SLOW)
  expect(slow.frames().at(-1)?.opcode).toBe(CLOSE)
  const numbers = textsOf(slow).flatMap((text) => {
    const frame = shape.parse(JSON.parse(text))
    return isEvent(frame) ? frame.seq : []
  })
  expect(numbers.length).toBeGreaterThan(0)
  expect(numbers.length).toBeLessThan(last)
  expect(numbers).toEqual(Array.from(numbers, (_, n) => (numbers[0] ?? 0) + n))
  await speaker.close()
})

function textsOf(raw: RawWebSocket): string[] {
  return raw.frames().flatMap(({ opcode, payload }) => (opcode === TEXT ? [payload.toString()] : []))
}
