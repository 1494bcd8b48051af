// A node stands still while the others write more than the streams keep: when it goes on, it notices the gap and fills it from
// Postgres.
import { expect, test } from 'bun:test'
import { Redis } from 'ioredis'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { openSession } from './support/named-visit.ts'

/** The news of it is trimmed away as well. */
const SIGNED_OUT_MS = 5000

test('entries trimmed before a lagging node read them are read from the database', async () => {
  const cluster = await startCluster({})
  const redis = new Redis(cluster.redis.url)
  const load = await startLoad(cluster, { rooms: 4, clients: 16, guests: 1, perSecond: 200 })
  try {
    const [node, lagging] = cluster.nodes
    const [guest] = load.guests
    if (!node || !lagging || !guest) throw new Error('there is no second node, or no guest')
    const held: number[] = []
    const took: number[] = []
    const signedOut: number[] = []
    for (let stop = 0; stop < 2; stop++) {
      await load.flows(50)
      const session = await openSession(cluster, lagging, guest)
      await lagging.pause()
      await session.logOut(node)
      await load.flows(100)
      load.pause()
      const streams = (await redis.keys('*:{s*')).filter((key) => !key.endsWith(':head'))
      held.push(
        (await Promise.all(streams.map((key) => redis.xtrim(key, 'MAXLEN', 0)))).reduce((a, b) => a + b, 0),
      )
      await lagging.resume()
      const resumed = performance.now()
      await session.closed(SIGNED_OUT_MS)
      signedOut.push(performance.now() - resumed)
      await load.converge()
      took.push(performance.now() - resumed)
      load.resume()
    }
    console.log(
      `${load.summary()}; ${held.join(' and ')} entries were trimmed before they were read; ` +
        `converged in ${took.map(Math.round).join(' and ')} ms, and who had logged out was signed out ${signedOut.map(Math.round).join(' and ')} ms after`,
    )
    expect(Math.min(...held)).toBeGreaterThan(0)
    // The clients of the node that stood still stayed with it: it is from the server that they have what was missing.
    expect(load.clients.map(({ visits }) => visits.length)).toEqual(load.clients.map(() => 1))
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    redis.disconnect()
    await cluster.remove()
  }
})
