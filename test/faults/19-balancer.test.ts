// Between the nodes and Postgres there is a balancer that knows of no server: it accepts and closes, or answers nothing. The nodes
// try again with growing pauses rather than in a loop, and all is well again within 10 s of its end.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type DatabaseCluster, startDatabaseCluster } from './support/database-cluster.ts'
import type { DatabaseFault } from './support/database-faults.ts'
import { steady, unreachable } from './support/database-faults.ts'
import { drill, judgeDrills, judgeLogs } from './support/drill.ts'
import { type Load, startLoad } from './support/load.ts'
import type { Episode } from './support/operator-log.ts'
import { processorMs } from './support/processor.ts'
import { RECOVERY_MS } from './support/recovery.ts'

/** How often all clients of one node may connect in a second: each of its connections pauses for up to 2 s, once it has failed a few times. */
const MOST_A_SECOND = 50

let cluster: DatabaseCluster
let load: Load
const episodes: Episode[] = []

beforeAll(async () => {
  cluster = await startDatabaseCluster()
  load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100 })
})
afterAll(async () => {
  load.stop()
  await cluster.remove()
})

test.each([
  ['accepts and closes', 'close'],
  ['accepts and answers nothing', 'mute'],
] as const)('a balancer that %s', async (name, how) => {
  let connections = 0
  let busyMs = 0
  const fault: DatabaseFault = {
    name,
    async run(cluster) {
      const before = cluster.proxy.accepted
      const busy = await processorMs(cluster.nodes)
      await unreachable(cluster, steady, how)
      connections = cluster.proxy.accepted - before
      busyMs = (await processorMs(cluster.nodes)) - busy
      return undefined
    },
  }
  load.resume()
  const { episode, tookMs } = await drill(cluster, load, fault, steady)
  expect(await judgeDrills(cluster, load)).toEqual([])
  episodes.push(episode)
  const seconds = (episode.over - episode.from) / 1000
  console.log(
    `${name}, for ${seconds} s: ${connections} connections of two nodes, ${Math.round(busyMs)} ms of processor; ` +
      `recovered in ${Math.round(tookMs)} ms`,
  )
  expect(connections).toBeLessThan(MOST_A_SECOND * cluster.nodes.length * seconds)
  expect(tookMs).toBeLessThan(RECOVERY_MS)
})

test('each outage and each recovery is logged once', async () => {
  expect((await judgeLogs(cluster, episodes)).wrong).toEqual([])
})
