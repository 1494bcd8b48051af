// What sockets may send, and how it is spread over the turns of the event loop. Time passes only where a test says so.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Clock, Timer } from '../../src/core/index.ts'
import type { Connection, SessionFactory } from '../../src/server/index.ts'
import { until } from '../support/until.ts'
import { startBareServer } from './support/bare-server.ts'
import {
  encodeFrame,
  openRawWebSocket,
  PING,
  PONG,
  type RawWebSocket,
  TEXT,
} from './support/raw-websocket.ts'

const BURST = 3000
const REFUSALS = 1000

/** Stands still unless it is moved. */
class StepClock implements Clock {
  at = 1000

  now(): number {
    return this.at
  }

  ticks(): number {
    return this.at
  }

  after(): Timer {
    return { cancel: () => undefined }
  }
}

let clock: StepClock
let server: ReturnType<typeof startBareServer>
let heard: string[]
let onFrame: (frame: string, connection: Connection) => void

beforeEach(() => {
  clock = new StepClock()
  heard = []
  onFrame = () => undefined
  server = startBareServer(sessionTelling(heard), {}, clock)
})
afterEach(async () => {
  expect(server.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await server.close()
})

describe('frames that keep the server busy', () => {
  beforeEach(() => {
    onFrame = () => {
      clock.at += 1
    }
  })

  test('are spread over turns of the event loop, in order', async () => {
    const perTurn = countTurns(() => heard.length)
    const peer = await openRawWebSocket(server.wsUrl)
    const frames = numbered(1000)
    peer.write(encoded(frames))
    await until(() => heard.length === frames.length, 'every frame')
    expect(heard).toEqual(frames)
    expect(Math.max(...perTurn.stop())).toBeLessThan(50)
    peer.end()
  })

  test('do not block other connections', async () => {
    const [busy, other] = [await openRawWebSocket(server.wsUrl), await openRawWebSocket(server.wsUrl)]
    onFrame = (frame) => {
      clock.at += 1
      if (frame === '100') other.sendFrame(TEXT, 'other')
    }
    busy.write(encoded(numbered(2000)))
    await until(() => heard.length === 2001, 'every frame')
    expect(heard.indexOf('other')).toBeLessThan(1000)
    for (const peer of [busy, other]) peer.end()
  })

  test('are all handled after the peer has left', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    const frames = numbered(1000)
    peer.write(encoded(frames))
    peer.sendFrame(8, '')
    await until(() => heard.includes('closed'), 'the end')
    expect(heard).toEqual([...frames, 'closed'])
    peer.end()
  })

  test('are dropped when the connection is closed from this side', async () => {
    onFrame = (_, connection) => {
      clock.at += 1
      if (heard.length === 100) connection.close(4000, 'enough')
    }
    const peer = await openRawWebSocket(server.wsUrl)
    peer.write(encoded(numbered(1000)))
    expect(await peer.closeCode()).toBe(4000)
    // Whoever comes next is heard after all that was before.
    const next = await openRawWebSocket(server.wsUrl)
    next.sendFrame(TEXT, 'next')
    await until(() => heard.includes('next'), 'the next peer')
    expect(heard).toEqual([...numbered(100), 'closed', 'next'])
    next.end()
  })

  test('past the limit over all connections close those with many waiting frames', async () => {
    onFrame = () => {
      clock.at += 10
    }
    const peers = await Promise.all(Array.from({ length: 30 }, () => openRawWebSocket(server.wsUrl)))
    for (const peer of peers) peer.write(encoded(numbered(BURST - 1)))
    await until(() => peers.some(isToldToComeBack), 'one to be sent away')
    const modest = await openRawWebSocket(server.wsUrl)
    modest.write(encoded(['modest', 'too']))
    for (const peer of peers) peer.end()
    await until(() => heard.includes('too'), 'one who sends little')
    modest.end()
  })
})

describe('one connection may send', () => {
  test('a number of frames at once; one more closes it with 1008, and later frames are ignored', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    peer.write(encoded(numbered(BURST)))
    await until(() => heard.length === BURST, 'every frame')
    peer.write(encoded(['one more', 'and more']))
    expect(await peer.closeCode()).toBe(1008)
    await until(() => heard.at(-1) === 'closed', 'the end')
    expect(heard).toHaveLength(BURST + 1)
    peer.end()
  })

  test('as many again once time has passed', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    for (let round = 1; round <= 5; round++) {
      peer.write(encoded(numbered(BURST)))
      await until(() => heard.length === round * BURST, 'every frame')
      clock.at += 300
    }
    peer.end()
  })

  test('fewer of them when they are large', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    const large = 'x'.repeat(60_000)
    for (let n = 0; n < BURST / 15; n++) {
      peer.sendFrame(TEXT, large)
      await until(() => heard.length === n + 1, 'the frame')
    }
    peer.sendFrame(TEXT, large)
    expect(await peer.closeCode()).toBe(1008)
    peer.end()
  })

  test.each([PING, PONG])(
    'hundreds of control frames (%p) at once, each of which counts 20 times',
    async (opcode) => {
      const peer = await openRawWebSocket(server.wsUrl)
      for (let n = 0; n < BURST / 20; n++) peer.sendFrame(opcode, '')
      peer.sendFrame(TEXT, 'over')
      expect(await peer.closeCode()).toBe(1008)
      const pongs = peer.frames().filter((frame) => frame.opcode === PONG).length
      expect(pongs).toBe(opcode === PING ? BURST / 20 : 0)
      peer.end()
    },
  )
})

describe('of the frames of one connection', () => {
  beforeEach(() => {
    onFrame = (_, connection) => connection.refuse('no')
  })

  test('a number may be refused; one more closes it with 1008 instead of a response', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    peer.write(encoded(numbered(REFUSALS + 100)))
    expect(await peer.closeCode()).toBe(1008)
    expect(answers(peer)).toHaveLength(REFUSALS)
    expect(heard).toHaveLength(REFUSALS + 2)
    peer.end()
  })

  test('fewer if they are large', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    const large = 'x'.repeat(40_000)
    for (let n = 0; n < REFUSALS / 10; n++) {
      peer.sendFrame(TEXT, large)
      await until(() => answers(peer).length === n + 1, 'the answer')
    }
    peer.sendFrame(TEXT, large)
    expect(await peer.closeCode()).toBe(1008)
    peer.end()
  })

  test('as many again once time has passed', async () => {
    const peer = await openRawWebSocket(server.wsUrl)
    for (let round = 1; round <= 3; round++) {
      peer.write(encoded(numbered(REFUSALS)))
      await until(() => answers(peer).length === round * REFUSALS, 'every answer')
      clock.at += 20_000
    }
    peer.end()
  })
})

function sessionTelling(told: string[]): SessionFactory {
  return (connection) => ({
    opened: () => undefined,
    text(frame) {
      told.push(frame)
      onFrame(frame, connection)
    },
    binary: () => undefined,
    closed: () => void told.push('closed'),
    removedFrom: () => undefined,
  })
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${n}`)
}

function encoded(frames: readonly string[]): Buffer {
  return Buffer.concat(frames.map((frame) => encodeFrame(TEXT, frame)))
}

function answers(peer: RawWebSocket): string[] {
  return peer.frames().flatMap(({ opcode, payload }) => (opcode === TEXT ? [payload.toString()] : []))
}

function isToldToComeBack(peer: RawWebSocket): boolean {
  return peer.frames().some(({ opcode, payload }) => opcode === 8 && payload.readUInt16BE(0) === 1013)
}

/** By how much a count grows in each turn of the event loop. */
function countTurns(count: () => number): { stop(): number[] } {
  const steps: number[] = []
  let last = count()
  let isOver = false
  function turn(): void {
    steps.push(count() - last)
    last = count()
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop() {
      isOver = true
      return steps
    },
  }
}
