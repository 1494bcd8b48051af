// Clients vanish without a word while they are being pushed to: the line swallows what is sent, or takes nothing any more. The
// server notices within its pong deadline, tells the others that they are gone, and nobody else notices anything.
import { expect, test } from 'bun:test'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import type { Person } from './support/people.ts'

import { SteadyClient } from './support/steady-client.ts'
import { Visit } from './support/visit.ts'

const PING_MS = 500
const DEADLINE_MS = 2000
/** For the look at all sockets, four times a ping's interval, and for the news to reach the other node. */
const MARGIN_MS = 1000
const HALF_OPEN = 12

test('half-open clients that are pushed to are reaped within the pong deadline', async () => {
  const cluster = await startCluster({
    env: {
      SOCKET_PING_MS: `${PING_MS}`,
      SOCKET_PONG_DEADLINE_MS: `${DEADLINE_MS}`,
      PRESENCE_GRACE_MS: '0',
    },
  })
  const gone = new Map<number, number>()
  const load = await startLoad(cluster, {
    rooms: 2,
    clients: 12,
    guests: HALF_OPEN,
    perSecond: 100,
    client: {
      frame(frame) {
        if (frame.type === 'presence' && !frame.online && !gone.has(frame.user.id))
          gone.set(frame.user.id, performance.now())
      },
    },
  })
  const [node, other] = cluster.nodes
  if (node === undefined || other === undefined) throw new Error('there are no two nodes')
  const proxies = await Promise.all([node, node].map(startTcpProxy))
  const back: SteadyClient[] = []
  try {
    const visits = await Promise.all(
      load.guests.map((guest, index) => enter(guest, load.rooms, proxies[index % 2]?.port ?? 0)),
    )
    await load.flows(50)
    expect(gone.size).toBe(0)

    proxies.forEach((proxy, index) => {
      proxy.silence(index === 0 ? 'swallow' : 'freeze')
    })
    const silent = performance.now()
    // While they are pushed to: that is what could hide their silence.
    await until(() => gone.size === HALF_OPEN, 'all of them to be reaped')
    const waits = load.guests.map(({ id }) => (gone.get(id) ?? Number.POSITIVE_INFINITY) - silent)
    for (const proxy of proxies) await proxy.close()

    for (const guest of load.guests)
      back.push(new SteadyClient(guest, load.rooms, { place: () => other.wsUrl }))
    await until(() => back.every(({ live }) => live), 'all of them to be back')
    await load.flows(50)
    const converged = await load.converge()
    console.log(
      `${load.summary()}; ${HALF_OPEN} half-open clients were gone after ${Math.round(Math.min(...waits))} to ${Math.round(Math.max(...waits))} ms; ` +
        `converged in ${Math.round(converged)} ms`,
    )
    expect(Math.max(...waits)).toBeLessThan(DEADLINE_MS + MARGIN_MS)
    expect(Math.min(...waits)).toBeGreaterThan(DEADLINE_MS - PING_MS - MARGIN_MS)
    expect(visits.flatMap(({ problems }) => problems)).toEqual([])
    expect(load.clients.map((client) => client.visits.length)).toEqual(load.clients.map(() => 1))
    expect(gone.size).toBe(HALF_OPEN)
    expect(await load.judge()).toEqual([])
  } finally {
    for (const client of back) client.stop()
    for (const proxy of proxies) await proxy.close()
    load.stop()
    await cluster.remove()
  }
})

/** A client that hears the rooms and, unlike others, does not notice by itself that its line is dead. */
async function enter(guest: Person, rooms: readonly number[], port: number): Promise<Visit> {
  let live = 0
  const headers = { authorization: `Bearer ${guest.token}` }
  const visit: Visit = new Visit(`ws://127.0.0.1:${port}/api/v2/socket`, headers, {
    frame(frame) {
      if (frame.type === 'hello')
        for (const room of rooms) void visit.ask({ type: 'subscribe', room, after: 0 })
      if (frame.type === 'live') live++
    },
    ended: () => undefined,
  })
  await until(() => live === rooms.length, 'the guest to be live')
  return visit
}
