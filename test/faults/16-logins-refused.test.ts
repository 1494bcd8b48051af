// Postgres runs and lets nobody in, or lets them in and knows no table: each send waits or fails as retryable, and is stored in
// the end. Nothing is refused for good.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ErrorFrame } from '../../src/api/v2/wire/index.ts'
import { call } from '../api/v2/rest/support/client.ts'
import { exactly } from '../api/v2/support/exact-shape.ts'
import { until } from '../support/until.ts'
import { type DatabaseCluster, startDatabaseCluster } from './support/database-cluster.ts'
import { type DatabaseFault, databaseFaults, steady } from './support/database-faults.ts'
import { drill, judgeDrills, judgeLogs } from './support/drill.ts'
import { type Load, startLoad } from './support/load.ts'
import { type Episode, isAway } from './support/operator-log.ts'
import { RECOVERY_MS } from './support/recovery.ts'

let cluster: DatabaseCluster
let load: Load
const episodes: Episode[] = []

beforeAll(async () => {
  cluster = await startDatabaseCluster({ env: { SEND_DEADLINE_MS: '500' } })
  load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100, window: 4 })
})
afterAll(async () => {
  load.stop()
  await cluster.remove()
})

/** With the codes of their causes. The database that is renamed first lets nobody in, and is then not there. */
const FAULTS = [
  ['role not permitted to log in', '28000'],
  ['logins rejected by pg_hba.conf', '28000'],
  ['password that has been changed', '28P01'],
  ['no connections left to the role', '53300'],
  ['database renamed for a while', '55000|3D000'],
  ['sessions that do not find the schema', '42883|42P01'],
] as const

test.each(FAULTS)('%s', async (name) => {
  const found = databaseFaults.find((each) => each.name === name)
  if (found === undefined) throw new Error('there is no such fault')
  const statuses: number[] = []
  const fault: DatabaseFault = {
    name,
    async run(cluster, random, load) {
      const before = load.refusals()
      const [outages] = await Promise.all([
        found.run(cluster, random, load),
        until(() => load.refusals() > before, 'a refusal').then(() => post(statuses)),
      ])
      return outages
    },
  }
  load.resume()
  const { episode, tookMs } = await drill(cluster, load, fault, steady)
  expect(await judgeDrills(cluster, load)).toEqual([])
  for (const frame of load.sendings().flatMap(({ refusals }) => refusals)) {
    expect(exactly(ErrorFrame).parse(frame)).toMatchObject({ code: 'unavailable', retryable: true })
    expect(frame.retry_after_ms).toBeGreaterThan(0)
  }
  expect(statuses).toEqual([503, 503])
  episodes.push(episode)
  console.log(`${name}: ${episode.refusals} refused, recovered in ${Math.round(tookMs)} ms`)
  expect(tookMs).toBeLessThan(RECOVERY_MS)
})

test('each outage and each recovery is logged once, with the reason for refused logins, not the end of connections', async () => {
  const { lines, wrong } = await judgeLogs(cluster, episodes)
  expect(wrong).toEqual([])
  const causes = new RegExp(`^(${FAULTS.map(([, codes]) => codes).join('|')})$`)
  for (const { code } of lines.filter(isAway)) expect(code).toMatch(causes)
})

/** Over REST, to each node. */
async function post(statuses: number[]): Promise<void> {
  const [person] = load.people
  if (person === undefined) throw new Error('there is nobody')
  for (const node of cluster.nodes) {
    const body = { body: 'is anybody there?' }
    statuses.push((await call(node, person, 'POST', `/rooms/${load.rooms[0]}/messages`, body)).status)
  }
}
