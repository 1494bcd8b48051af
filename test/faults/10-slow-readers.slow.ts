// Five in a hundred clients stop reading: they are disconnected, what the others say comes as fast as before, and what waits for the
// slow ones is bounded.
import { expect, test } from 'bun:test'
import { openRawWebSocket, type RawWebSocket, TEXT } from '../server/support/raw-websocket.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { megabytes, memoryOf } from './support/memory.ts'
import { percentile } from './support/percentile.ts'

const CLIENTS = 38
const SLOW = 2
const BACKPRESSURE = 1_048_576
/** 30 kB a message, so that the kernel's buffers, of some megabytes a connection, are full within seconds. */
const FILLER = 'é'.repeat(15_000)
const MESSAGES_BEFORE = 150
const MOST_RATIO = 1.5
/** A p99 below this is as good as any: on a machine that does much else at once, noise is as large. Milliseconds. */
const FLOOR_MS = 150
/** The slow clients' queues, and what a garbage collector has yet to free. */
const MOST_GROWTH = 150 * 2 ** 20

test('clients that do not read are disconnected, and the others notice nothing', async () => {
  const cluster = await startCluster({
    env: {
      MAX_MESSAGE_LENGTH: '16000',
      SOCKET_BACKPRESSURE_BYTES: `${BACKPRESSURE}`,
      // It is not their silence that ends them.
      SOCKET_PONG_DEADLINE_MS: '600000',
      PRESENCE_GRACE_MS: '0',
    },
  })
  const heard: { key: string; at: number }[] = []
  const gone = new Set<number>()
  const load = await startLoad(cluster, {
    rooms: 1,
    clients: CLIENTS,
    guests: SLOW,
    perSecond: 20,
    filler: FILLER,
    client: {
      frame(frame) {
        if (frame.type === 'message') heard.push({ key: frame.message.client_id, at: performance.now() })
        if (frame.type === 'presence' && !frame.online) gone.add(frame.user.id)
      },
    },
  })
  const [node] = cluster.nodes
  if (node === undefined) throw new Error('there is no node')
  const slow: RawWebSocket[] = []

  /** From the first attempt to send to each client's hearing it, for what was heard between two places in the list. */
  function latencies(from: number, to: number): number[] {
    const starts = new Map(load.sendings().map(({ clientId, startedAt }) => [clientId, startedAt]))
    return heard.slice(from, to).map(({ key, at }) => at - (starts.get(key) ?? 0))
  }

  try {
    // The first ones warm up what is measured.
    await load.flows(50)
    const begin = heard.length
    await load.flows(MESSAGES_BEFORE, 60_000)
    const memory = await memoryOf(node.pid)
    for (const { token } of load.guests) {
      const headers = { authorization: `Bearer ${token}` }
      const socket = await openRawWebSocket(`${node.wsUrl}/api/v2/socket`, headers)
      slow.push(socket)
      socket.sendFrame(TEXT, JSON.stringify({ type: 'subscribe', id: 1, room: load.rooms[0], limit: 0 }))
      await until(() => socket.received().includes('"type":"live"'), 'the slow client to be live')
    }
    expect(gone.size).toBe(0)

    const stall = heard.length
    const stalledAt = performance.now()
    for (const socket of slow) socket.pause()
    let most = 0
    await until(
      async () => {
        most = Math.max(most, await memoryOf(node.pid))
        return load.guests.every(({ id }) => gone.has(id))
      },
      'the slow clients to be disconnected',
      120_000,
    )
    const took = performance.now() - stalledAt
    const [before, meanwhile] = [latencies(begin, stall), latencies(stall, heard.length)]
    const [p99, p99Meanwhile] = [percentile(before, 0.99), percentile(meanwhile, 0.99)]
    const converged = await load.converge()
    console.log(
      `${load.summary()}; disconnected after ${Math.round(took)} ms; memory grew by at most ${megabytes(most - memory)} MiB; ` +
        `heard after ${Math.round(p99)} ms (99 % of ${before.length}), and ${Math.round(p99Meanwhile)} ms (of ${meanwhile.length}) ` +
        `while some did not read; converged in ${Math.round(converged)} ms`,
    )
    expect(p99Meanwhile).toBeLessThan(MOST_RATIO * Math.max(p99, FLOOR_MS))
    expect(most - memory).toBeLessThan(MOST_GROWTH)
    expect(load.clients.map(({ visits }) => visits.length)).toEqual(load.clients.map(() => 1))
    expect(await load.judge()).toEqual([])
  } finally {
    for (const socket of slow) socket.end()
    load.stop()
    await cluster.remove()
  }
})
