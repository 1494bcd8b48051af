// The connections to the database are ended again and again, cut, half cut, or hang: both nodes live, sends wait or fail as
// retryable, all is well again within 10 s of each end, and the log tells each outage and each recovery once.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type DatabaseCluster, startDatabaseCluster } from './support/database-cluster.ts'
import { databaseFaults, steady } from './support/database-faults.ts'
import { drill, judgeDrills, judgeLogs } from './support/drill.ts'
import { type Load, startLoad } from './support/load.ts'
import type { Episode } from './support/operator-log.ts'
import { RECOVERY_MS } from './support/recovery.ts'

let cluster: DatabaseCluster
let load: Load
const episodes: Episode[] = []

beforeAll(async () => {
  cluster = await startDatabaseCluster({ env: { SEND_DEADLINE_MS: '1000' } })
  load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100 })
})
afterAll(async () => {
  load.stop()
  await cluster.remove()
})

test.each([
  'connections ended, again and again',
  'lines cut, again and again',
  'lines half cut: what the database answers is lost',
  'lines hung: what is on them is swallowed, for ever',
])('%s', async (name) => {
  const fault = databaseFaults.find((each) => each.name === name)
  if (fault === undefined) throw new Error('there is no such fault')
  load.resume()
  const { episode, tookMs } = await drill(cluster, load, fault, steady)
  expect(await judgeDrills(cluster, load)).toEqual([])
  episodes.push(episode)
  console.log(
    `${name}, for ${episode.over - episode.from} ms: ${episode.refusals} refused, recovered in ${Math.round(tookMs)} ms`,
  )
  expect(tookMs).toBeLessThan(RECOVERY_MS)
})

test('each outage and each recovery is logged once', async () => {
  expect((await judgeLogs(cluster, episodes)).wrong).toEqual([])
})
