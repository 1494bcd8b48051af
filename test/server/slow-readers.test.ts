// Clients that do not read what they are sent: what they have when they are cut off is everything up to some frame.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type Connection, systemClock } from '../../src/server/index.ts'
import { until } from '../support/until.ts'
import { startBareServer } from './support/bare-server.ts'
import { CLOSE, openRawWebSocket, PONG, type RawWebSocket, TEXT } from './support/raw-websocket.ts'

const CLOSE_TOO_SLOW = 4008
const MOST = 65_536
/** Milliseconds that a client has to take what is left for it. */
const LAST_BYTES_MS = 10_000
const FILLER = 'x'.repeat(8000)

let server: ReturnType<typeof startBareServer>
let opened: Connection[]
let ended: number
/** Milliseconds by which the server's clock is ahead. */
let jumped = 0

beforeAll(() => {
  server = startBareServer(
    (connection) => ({
      opened() {
        opened.push(connection)
        connection.subscribe('topic')
      },
      text: () => undefined,
      binary: () => undefined,
      removedFrom: () => undefined,
      closed() {
        ended++
        connection.unsubscribe('topic')
      },
    }),
    { backpressureBytes: MOST, pingMs: 200, pongDeadlineMs: 60_000 },
    { ...systemClock, ticks: () => systemClock.ticks() + jumped },
  )
})
beforeEach(() => {
  opened = []
  ended = 0
})
afterAll(() => server.close())

describe.each<[string, (text: string) => void]>([
  ['published', (text) => server.publish('topic', text)],
  ['sent', (text) => opened.at(-1)?.send(text)],
])('what is %s to a client that does not read', (_, give) => {
  test('ends at some frame, and the close code says why', async () => {
    const slow = await open()
    const given = await giveUntil(give, () => ended === 1)
    // It is cut off as soon as it has too much, long before Bun's own limit.
    for (let n = 0; n < 100; n++) give(`${given + n} ${FILLER}`)
    slow.resume()
    expect(await slow.closeCode()).toBe(CLOSE_TOO_SLOW)
    await slow.closed()
    const numbers = numbersIn(slow)
    expect(numbers).toEqual(Array.from(numbers, (_, n) => n))
    expect(numbers.length).toBeLessThanOrEqual(given)
    expect(slow.frames().at(-1)?.opcode).toBe(CLOSE)
    expect([...server.connections.all()]).toEqual([])
  })

  test('ends at some frame also if far too much comes at once, and if the server does not read either', async () => {
    const slow = await open()
    await giveUntil(give, () => (opened.at(-1)?.unsent ?? 0) > 0)
    const [connection] = opened
    connection?.pause()
    // On a busy machine the kernel may have taken what was waiting, and take more.
    const tooMuch = () => ended > 0 || (connection?.unsent ?? 0) > 2 * MOST
    for (let n = 0; n < 100 || (!tooMuch() && n < 10_000); n++) give(`${numbered++} ${FILLER}`)
    const most = numbered
    slow.resume()
    // Goes on meanwhile: nothing that is given now may arrive after a gap.
    await until(() => {
      give(`${numbered++} ${FILLER}`)
      return slow.isClosed()
    }, 'the connection to end')
    const numbers = numbersIn(slow)
    expect(numbers).toEqual(Array.from(numbers, (_, n) => n))
    expect(numbers.length).toBeLessThan(most)
  })
})

test('a client whose session ends meanwhile gets no more of it', async () => {
  const slow = await open()
  await giveUntil(
    (text) => server.publish('topic', text),
    () => ended === 1,
  )
  opened[0]?.close(1008, 'signed out')
  await until(() => [...server.connections.all()].length === 0, 'the connection to end')
  slow.resume()
  await slow.closed()
  expect(slow.frames().map(({ opcode }) => opcode)).not.toContain(CLOSE)
})

test('a client that takes nothing of what is left for it is cut in time', async () => {
  const slow = await open()
  await giveUntil(
    (text) => server.publish('topic', text),
    () => ended === 1,
  )
  // It counts until then, and would go on to live.
  expect([...server.connections.all()]).toHaveLength(1)
  slow.sendFrame(PONG, '')
  jumped += LAST_BYTES_MS
  await until(() => [...server.connections.all()].length === 0, 'the connection to end')
  slow.end()
})

let numbered = 0

/** A client that has stopped to read. */
async function open(): Promise<RawWebSocket> {
  numbered = 0
  const slow = await openRawWebSocket(server.wsUrl)
  await until(() => opened.length === 1, 'the socket')
  slow.pause()
  return slow
}

/** Gives a frame a turn of the event loop. @returns how many were given */
async function giveUntil(give: (text: string) => void, holds: () => boolean): Promise<number> {
  while (!holds()) {
    if (numbered > 10_000) throw new Error('the kernel takes everything')
    give(`${numbered++} ${FILLER}`)
    await new Promise<void>((resolve) => setImmediate(resolve))
    // The look at the sockets is due; without more frames it is in time, however busy the machine is.
    if ((opened.at(-1)?.unsent ?? 0) > MOST) await until(holds, 'the look at the sockets')
  }
  return numbered
}

function numbersIn(slow: RawWebSocket): number[] {
  return slow
    .frames()
    .flatMap(({ opcode, payload }) =>
      opcode === TEXT ? Number.parseInt(payload.toString('latin1'), 10) : [],
    )
}
