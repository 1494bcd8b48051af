// A node is killed in the middle of writes: what it acknowledged survives, and what it did not is sent again and stored once.
import { expect, test } from 'bun:test'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'

test('acknowledged messages survive two kills of a node under load, and retried ones are stored once', async () => {
  const cluster = await startCluster({})
  const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 300 })
  try {
    for (let kill = 0; kill < 2; kill++) {
      await load.flows(200)
      // The blow comes while these are being written.
      load.burst(20)
      const [victim] = cluster.nodes.splice(kill, 1)
      await victim?.kill()
      cluster.nodes.push(await cluster.launch())
    }
    await load.flows(200)
    const took = await load.converge()
    console.log(`${load.summary()}; converged in ${Math.round(took)} ms`)
    expect(load.sendings().filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(0)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})
