// Clients that send what no client should, among others who talk: each gets the right close code or error, and nobody else notices.
import { expect, test } from 'bun:test'
import { deflateRawSync } from 'node:zlib'
import {
  encodeFrame,
  openRawWebSocket,
  PING,
  type RawWebSocket,
  TEXT,
} from '../server/support/raw-websocket.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { megabytes, memoryOf } from './support/memory.ts'
import { percentile } from './support/percentile.ts'

const MOST_BYTES = 65_536
/** After which somebody would notice that a message takes long. */
const NOTICED_MS = 2000
const MOST_GROWTH = 150 * 2 ** 20
const ROUNDS = [1, 2, 3]
const CONTINUATION = 0
/** A bit of a frame's first byte that stands for an extension that was agreed on; none is. */
const RSV1 = 0x40

/** What ends the connection, and how. */
const FATAL: Readonly<Record<string, { code: number; attack(socket: RawWebSocket): void }>> = {
  'an oversized frame': {
    code: 1009,
    attack: (socket) => socket.sendFrame(TEXT, 'x'.repeat(MOST_BYTES + 1)),
  },
  'a frame that says it is a gigabyte': {
    code: 1009,
    attack: (socket) => socket.write(Uint8Array.of(0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4)),
  },
  'a flood of fragments': {
    code: 1009,
    attack(socket) {
      socket.sendFrame(TEXT, 'x', { final: false })
      for (let i = 0; i < MOST_BYTES; i++) socket.sendFrame(CONTINUATION, 'xy', { final: false })
    },
  },
  'invalid UTF-8': {
    code: 1007,
    attack: (socket) => socket.sendFrame(TEXT, Uint8Array.of(0x22, 0xc3, 0x28, 0x22)),
  },
  'half a surrogate': {
    code: 1007,
    attack: (socket) => socket.sendFrame(TEXT, Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)),
  },
  'an unmasked frame': {
    code: 1002,
    attack: (socket) => socket.sendFrame(TEXT, '{"type":"ping"}', { masked: false }),
  },
  'a reserved opcode': { code: 1002, attack: (socket) => socket.sendFrame(3, 'x') },
  'a long ping': { code: 1002, attack: (socket) => socket.sendFrame(PING, 'x'.repeat(126)) },
  'a fragmented ping': { code: 1002, attack: (socket) => socket.sendFrame(PING, 'x', { final: false }) },
  'garbage, ten thousand times': {
    code: 1008,
    attack(socket) {
      for (let n = 0; n < 10_000; n++) socket.sendFrame(TEXT, garbage(n))
    },
  },
  'a continuation of nothing': { code: 1002, attack: (socket) => socket.sendFrame(CONTINUATION, 'x') },
  'a frame within another': {
    code: 1002,
    attack(socket) {
      socket.sendFrame(TEXT, 'x', { final: false })
      socket.sendFrame(TEXT, 'x')
    },
  },
  'a deflate bomb, though nothing was agreed on': {
    code: 1002,
    attack(socket) {
      const frame = encodeFrame(TEXT, deflateRawSync(Buffer.alloc(50_000_000, 'x')).subarray(0, MOST_BYTES))
      frame[0] = (frame[0] ?? 0) | RSV1
      socket.write(frame)
    },
  },
}

/** What is refused, while the connection goes on; each frame has one answer. */
const REFUSED: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  'deep lists': ['['.repeat(MOST_BYTES), `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  'deep objects': [`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  bytes: [Uint8Array.of(0, 1, 2, 255)],
  'garbage, some hundred times': Array.from({ length: 800 }, (_, n) => garbage(n)),
}

test('a hostile client is refused or disconnected, and nobody else notices', async () => {
  const cluster = await startCluster({})
  const load = await startLoad(cluster, { rooms: 2, clients: 16, guests: 1, perSecond: 150 })
  const [node] = cluster.nodes
  const [guest] = load.guests
  if (node === undefined || guest === undefined) throw new Error('there is no node, or no guest')
  const url = `${node.wsUrl}/api/v2/socket`
  const headers = { authorization: `Bearer ${guest.token}` }
  try {
    await load.flows(50)
    const memory = await memoryOf(node.pid)
    const first = load.sendings().length
    const logged = node.output().length

    for (const [name, { code, attack }] of ROUNDS.flatMap(() => Object.entries(FATAL))) {
      const extensions = { 'sec-websocket-extensions': 'permessage-deflate' }
      const socket = await openRawWebSocket(url, { ...headers, ...extensions })
      expect(socket.received().toString('latin1')).not.toMatch(/sec-websocket-extensions/i)
      attack(socket)
      expect([name, await socket.closeCode()]).toEqual([name, code])
      await socket.closed()
      socket.end()
    }
    for (const [name, frames] of ROUNDS.flatMap(() => Object.entries(REFUSED))) {
      const { refusals, stays } = await refusalsOf(url, headers, frames)
      expect([name, refusals, stays]).toEqual([name, frames.length, true])
    }

    const converged = await load.converge()
    const grown = (await memoryOf(node.pid)) - memory
    const waits = load
      .sendings()
      .slice(first)
      .map(({ ackedAfterMs }) => ackedAfterMs ?? Number.POSITIVE_INFINITY)
    console.log(
      `${Object.keys(FATAL).length + Object.keys(REFUSED).length} kinds of attack, ${ROUNDS.length} times; ${load.summary()}, meanwhile in ` +
        `${Math.round(percentile(waits, 0.99))} ms (99 %); memory grew by ${megabytes(grown)} MiB; converged in ${Math.round(converged)} ms`,
    )
    expect(waits.length).toBeGreaterThan(100)
    expect(percentile(waits, 1)).toBeLessThan(NOTICED_MS)
    expect(grown).toBeLessThan(MOST_GROWTH)
    // Nobody else was disconnected or refused, and nothing of it was a fault of the server's.
    expect(load.clients.map(({ visits }) => visits.length)).toEqual(load.clients.map(() => 1))
    expect(load.sendings().flatMap(({ refusals }) => refusals)).toEqual([])
    expect(node.output().slice(logged)).not.toMatch(/"level":(40|50|60)/)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

/** Sends the frames and then a ping. @returns how many were refused, and whether the ping was answered */
async function refusalsOf(
  url: string,
  headers: Record<string, string>,
  frames: readonly (string | Uint8Array)[],
): Promise<{ refusals: number; stays: boolean }> {
  const socket = new WebSocket(url, { headers })
  let refusals = 0
  let pong = false
  let over = false
  socket.onclose = () => {
    over = true
  }
  socket.onmessage = ({ data }) => {
    const text = String(data)
    if (text.startsWith('{"type":"error","id":null,"code":"invalid"')) refusals++
    if (text.startsWith('{"type":"result","id":"end"')) pong = true
  }
  await until(() => socket.readyState === WebSocket.OPEN, 'the connection')
  for (const frame of frames) socket.send(frame)
  socket.send('{"type":"ping","id":"end"}')
  await until(() => pong || over, 'the answer to the ping')
  socket.terminate()
  return { refusals, stays: pong }
}

function garbage(n: number): string {
  const kinds = [
    `${n}`,
    '{',
    'null',
    `{"type":"${n}"}`,
    '\u0000',
    `{"type":"send","room":${n}}`,
    '[]',
    '"\\ud800"',
  ]
  return kinds[n % kinds.length] ?? ''
}
