// Postgres is killed again and again in the middle of writes, and is back at once or after a while: each time everything goes on
// without help, and everyone has everything soon.
import { expect, test } from 'bun:test'
import { chooseSeed, createRandom } from '../e2e/random.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'

const KILLS = 10

test(`${KILLS} kills of Postgres under load`, async () => {
  const seed = chooseSeed()
  console.log(`SEED=${seed} repeats these kills`)
  const random = createRandom(seed)
  const cluster = await startCluster({ ownPostgres: {}, env: { SEND_DEADLINE_MS: '500' } })
  const load = await startLoad(cluster, { rooms: 4, clients: 16, perSecond: 200 })
  try {
    const took: number[] = []
    for (let kill = 1; kill <= KILLS; kill++) {
      load.resume()
      await load.flows(50)
      load.burst(5)
      await cluster.postgres.kill()
      const refused = refusalsIn(load.sendings())
      // Back before anyone gives up, or not.
      if (random.below(2) === 0) await until(() => refusalsIn(load.sendings()) > refused, 'a refusal')
      await cluster.postgres.start()
      took.push(await load.converge())
    }
    console.log(`${load.summary()}; converged in ${took.map(Math.round).join(', ')} ms`)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

function refusalsIn(sendings: readonly { readonly refusals: readonly unknown[] }[]): number {
  return sendings.reduce((sum, { refusals }) => sum + refusals.length, 0)
}
