// Another server becomes the primary and the old one read-only, while the nodes' connections to the old one stay open: the nodes
// leave them by themselves, all is well again within 10 s, and nobody reads from the old one any more.
import { expect, setDefaultTimeout, test } from 'bun:test'
import postgres from 'postgres'
import { until } from '../support/until.ts'
import { ROLE, startDatabaseCluster } from './support/database-cluster.ts'
import { failover, steady } from './support/database-faults.ts'
import { drill, judgeDrills, judgeLogs } from './support/drill.ts'
import { startLoad } from './support/load.ts'
import { RECOVERY_MS } from './support/recovery.ts'

setDefaultTimeout(90_000)

test('after a failover the nodes continue with the new primary, without help', async () => {
  const cluster = await startDatabaseCluster()
  const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100 })
  const old = postgres(cluster.postgres.url('postgres'), { max: 1, onnotice: () => undefined })
  const connections = async () =>
    Number((await old`select count(*) from pg_stat_activity where usename = ${ROLE}`)[0]?.count)
  try {
    expect(await connections()).toBeGreaterThan(0)
    const { episode, tookMs } = await drill(cluster, load, failover, steady)
    await until(async () => (await connections()) === 0, 'nobody to ask the old primary', RECOVERY_MS)
    await load.flows(50)
    expect(await judgeDrills(cluster, load)).toEqual([])
    const { wrong } = await judgeLogs(cluster, [episode])
    console.log(`${load.summary()}; recovered in ${Math.round(tookMs)} ms`)
    expect(wrong).toEqual([])
    expect(tookMs).toBeLessThan(RECOVERY_MS)
  } finally {
    load.stop()
    await old.end({ timeout: 1 })
    await cluster.remove()
  }
})
