// Two nodes behind a PgBouncer in transaction mode, as Debian has it and as the README says how to use it: each of these faults, of
// Postgres and of the pooler, is over within 10 s of its end, with both nodes alive and nothing lost.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type DatabaseCluster, startDatabaseCluster } from './support/database-cluster.ts'
import { databaseFaults, poolerFaults, steady } from './support/database-faults.ts'
import { drill, judgeDrills, judgeLogs } from './support/drill.ts'
import { type Load, startLoad } from './support/load.ts'
import type { Episode } from './support/operator-log.ts'
import { RECOVERY_MS } from './support/recovery.ts'

let cluster: DatabaseCluster
let load: Load
const episodes: Episode[] = []

beforeAll(async () => {
  cluster = await startDatabaseCluster({ pooled: true })
  load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100 })
})
afterAll(async () => {
  load.stop()
  await cluster.remove()
})

const NAMES = [
  'connections ended, again and again',
  'role not permitted to log in',
  'read-only, connections kept',
  'postgres killed',
  'lines hung: what is on them is swallowed, for ever',
]
const faults = [...databaseFaults.filter(({ name }) => NAMES.includes(name)), ...poolerFaults]

test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (name, fault) => {
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
