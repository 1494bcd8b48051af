// Redis is killed under load, stays away for a while and comes back empty: nothing is lost, sends go on, and what one node stores
// reaches the other's clients even without it.
import { expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { openSession } from './support/named-visit.ts'
import { reachesEveryone } from './support/reach.ts'

/** Without Redis, nodes hear of it by asking the database every second. */
const SIGNED_OUT_MS = 5000

test('sends continue without Redis, and everyone has everything soon after it is back', async () => {
  const cluster = await startCluster({})
  const load = await startLoad(cluster, { rooms: 3, clients: 16, guests: 1, perSecond: 200 })
  try {
    const [node, other] = cluster.nodes
    const [guest] = load.guests
    if (!node || !other || !guest) throw new Error('there is no second node, or no guest')
    const session = await openSession(cluster, other, guest)
    await load.flows(100)
    load.burst(10)
    await cluster.redis.kill()
    const without = load.acked().length
    await load.flows(200)
    await load.converge()
    // No later number tells the other node that one is missing: only the comparison with the database does.
    const reached = await reachesEveryone(load, 'said without Redis')
    await session.logOut(node)
    const signedOut = await session.closed(SIGNED_OUT_MS)
    load.resume()

    await cluster.redis.start()
    const back = performance.now()
    const withIt = load.acked().length
    await load.flows(100)
    await until(
      () => cluster.nodes.every((node) => node.output().includes('"msg":"Redis is available again"')),
      'both nodes to have Redis again',
    )
    const known = performance.now() - back
    const converged = await load.converge()
    const after = await reachesEveryone(load, 'said with Redis again')
    console.log(
      `${load.summary()}; ${withIt - without} acknowledged without Redis, one of which reached everyone in ${Math.round(reached)} ms; ` +
        `who logged out on one node was signed out on the other after ${Math.round(signedOut)} ms; ` +
        `both nodes had it again ${Math.round(known)} ms after its start; converged in ${Math.round(converged)} ms, ` +
        `after which a message reached everyone in ${Math.round(after)} ms`,
    )
    expect(load.sendings().flatMap(({ refusals }) => refusals)).toEqual([])
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})
