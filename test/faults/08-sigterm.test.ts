// A node is told to stop under load: it takes nobody in any more, settles what is under way, tells each client its own delay, and
// ends in time with code 0. Its clients go on at the other node.
import { expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'

const DEADLINE_MS = 5000

test('a node stopped under load tells its clients when to reconnect, and loses nothing', async () => {
  const cluster = await startCluster({ env: { SHUTDOWN_DEADLINE_MS: `${DEADLINE_MS}` } })
  const load = await startLoad(cluster, { rooms: 3, clients: 60, perSecond: 200 })
  try {
    await load.flows(50)
    const [leaving] = cluster.nodes.splice(0, 1)
    if (leaving === undefined) throw new Error('there is no node')
    const guests = load.clients.filter(({ url }) => url?.startsWith(leaving.wsUrl))
    expect(guests).toHaveLength(30)
    const visits = guests.map(({ visits }) => visits.at(-1))
    const ackedBefore = load.acked().length
    load.burst(3)
    const start = performance.now()
    const stopped = leaving.stop()
    const refused = until(
      () =>
        fetch(`${leaving.url}/healthz`).then(
          () => false,
          () => true,
        ),
      'new connections to be refused',
    )
    expect(await stopped).toBe(0)
    const took = performance.now() - start
    expect(took).toBeLessThan(DEADLINE_MS)
    await refused
    await load.flows(100)

    const delays = visits.map((visit) => visit?.goingAwayMs)
    expect(delays.every((delay) => typeof delay === 'number' && delay >= 0 && delay <= 60_000)).toBe(true)
    // Each its own: so many drawn from a second or more are hardly ever the same twice.
    expect(new Set(delays).size).toBeGreaterThan(guests.length * 0.8)
    expect(new Set(visits.map((visit) => visit?.code))).toEqual(new Set([1012]))
    const converged = await load.converge()
    console.log(
      `stopped in ${Math.round(took)} ms; ${visits.length} clients were told delays of ${Math.min(...numbers(delays))} to ` +
        `${Math.max(...numbers(delays))} ms; ${load.summary()}; converged in ${Math.round(converged)} ms`,
    )
    for (const [index, { visits }] of guests.entries()) {
      const next = visits.at(-1)
      expect(next?.url).not.toStartWith(leaving.wsUrl)
      // By the rules it comes when it was told to, not before.
      const early = (next?.openedAt ?? 0) - (visits.at(-2)?.endedAt ?? 0) - (delays[index] ?? 0)
      expect(early).toBeGreaterThan(-5)
    }
    expect(load.acked().length).toBeGreaterThan(ackedBefore + 180)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

function numbers(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value) => value ?? [])
}
