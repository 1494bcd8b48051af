// Postgres is there, but its table of messages is locked, or it stands still altogether: what waits is bounded, what is too much is
// refused at once as `overloaded`, the rest by its deadline; and what does not need it goes on.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'
import { megabytes, memoryOf } from './support/memory.ts'
import { hearsTyping, ping } from './support/moment.ts'
import { percentile } from './support/percentile.ts'

/** Of one node. */
const QUEUE = 100
const DEADLINE_MS = 800
const MOST_GROWTH = 100 * 2 ** 20

const FAULTS: readonly { name: string; ready: number; begin(): Promise<() => Promise<void>> }[] = [
  {
    name: 'locks the table of messages',
    ready: 200,
    async begin() {
      const blocker = await cluster.sql.reserve()
      await blocker`begin`
      await blocker`lock table messages in access exclusive mode`
      return async () => {
        await blocker`rollback`
        blocker.release()
      }
    },
  },
  {
    name: 'stands still',
    ready: 503,
    async begin() {
      await cluster.postgres.pause()
      return () => cluster.postgres.resume()
    },
  },
]

let cluster: Cluster

beforeAll(async () => {
  const env = { SEND_QUEUE_LIMIT: `${QUEUE}`, SEND_DEADLINE_MS: `${DEADLINE_MS}` }
  cluster = await startCluster({ ownPostgres: {}, env })
})
afterAll(() => cluster.remove())

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('a Postgres that %s', async (name, fault) => {
  const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100 })
  let end: (() => Promise<void>) | null = null
  const release = async () => {
    const begun = end
    end = null
    await begun?.()
  }
  try {
    await load.flows(50)
    const memory = await Promise.all(cluster.nodes.map(({ pid }) => memoryOf(pid)))
    end = await fault.begin()

    load.burst(30)
    await until(() => refusedWith(load, 'overloaded') > 0, 'the first to be shed')
    const ready = cluster.nodes.map(({ url }) => statusOf(`${url}/readyz`))
    const heard: number[] = []
    const pings: number[] = []
    // Until those that are waited for have been given up, too.
    while (refusedWith(load, 'unavailable') < QUEUE) {
      heard.push(await hearsTyping(load))
      pings.push(...(await Promise.all(load.clients.map(ping))))
    }
    const grown = await Promise.all(
      cluster.nodes.map(async ({ pid }, index) => (await memoryOf(pid)) - (memory[index] ?? 0)),
    )
    for (const { url } of cluster.nodes) expect(await statusOf(`${url}/healthz`)).toBe(200)
    expect(await Promise.all(ready)).toEqual(cluster.nodes.map(() => fault.ready))
    await release()

    const converged = await load.converge()
    const codes = new Set(load.sendings().flatMap(({ refusals }) => refusals.map(({ code }) => code)))
    console.log(
      `${name}: ${load.summary()}; ${refusedWith(load, 'overloaded')} shed, ${refusedWith(load, 'unavailable')} given up; meanwhile ` +
        `typing was heard ${heard.length} times after ${Math.round(percentile(heard, 1))} ms at most, ${pings.length} pings were ` +
        `answered within ${Math.round(percentile(pings, 1))} ms; memory grew by ${grown.map(megabytes).join(' and ')} MiB; ` +
        `converged in ${Math.round(converged)} ms`,
    )
    expect(codes).toEqual(new Set(['overloaded', 'unavailable']))
    expect(percentile(pings, 1)).toBeLessThan(1000)
    // After another sign of typing the next one is told a second later.
    expect(percentile(heard, 1)).toBeLessThan(2000)
    expect(Math.max(...grown)).toBeLessThan(MOST_GROWTH)
    expect(load.clients.map(({ visits }) => visits.length)).toEqual(load.clients.map(() => 1))
    expect(await load.judge()).toEqual([])
  } finally {
    // Also if an expectation failed: the next test needs the database.
    await release()
    load.stop()
  }
})

/** In time for a load balancer. */
async function statusOf(url: string): Promise<number> {
  return (await fetch(url, { signal: AbortSignal.timeout(5000) })).status
}

function refusedWith(load: Load, code: string): number {
  return load.sendings().reduce((sum, { refusals }) => {
    return sum + refusals.filter((refusal) => refusal.code === code).length
  }, 0)
}
