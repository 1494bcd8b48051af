// Postgres is killed under load and started again: no message is acknowledged that is not stored, whoever asks meanwhile is told
// to come back, and everything goes on without help.
import { expect, test } from 'bun:test'
import { ProblemDetails } from '../../src/api/v2/wire/index.ts'
import { call } from '../api/v2/rest/support/client.ts'
import { exactly } from '../api/v2/support/exact-shape.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'

test('while Postgres is unavailable nothing is acknowledged, and afterwards everything continues', async () => {
  const cluster = await startCluster({ ownPostgres: {}, env: { SEND_DEADLINE_MS: '500' } })
  const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 200 })
  try {
    await load.flows(100)
    load.burst(10)
    await cluster.postgres.kill()
    const acked = load.acked().length

    await until(() => load.sendings().some(({ refusals }) => refusals.length > 0), 'a refusal')
    const [person] = load.people
    if (person === undefined) throw new Error('there is nobody')
    for (const node of cluster.nodes) {
      const [room] = load.rooms
      const post = await call(node, person, 'POST', `/rooms/${room}/messages`, { body: 'is anybody there?' })
      expect(post.status).toBe(503)
      expect(Number(post.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(exactly(ProblemDetails).parse(post.json)).toMatchObject({ code: 'unavailable', retryable: true })
      expect((await fetch(`${node.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${node.url}/healthz`)).status).toBe(200)
    }
    expect(load.acked().length).toBe(acked)

    await cluster.postgres.start()
    const back = performance.now()
    await load.flows(100)
    const flowsAgain = performance.now() - back
    for (const node of cluster.nodes)
      await until(async () => (await fetch(`${node.url}/readyz`)).status === 200, 'the node to be ready')
    const converged = await load.converge()
    console.log(
      `${load.summary()}; 100 messages were stored ${Math.round(flowsAgain)} ms after Postgres was back; ` +
        `converged in ${Math.round(converged)} ms`,
    )
    const codes = load.sendings().flatMap(({ refusals }) => refusals.map(({ code }) => code))
    expect(new Set(codes)).toEqual(new Set(['unavailable']))
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})
