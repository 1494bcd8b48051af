// Redis stands still for half a minute: connections stay open and nothing answers. Sends have their answers in time, memory is
// bounded, and each node counts by itself what it limits.
import { expect, test } from 'bun:test'
import { call } from '../api/v2/rest/support/client.ts'
import { startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'
import { megabytes, memoryOf } from './support/memory.ts'
import { percentile } from './support/percentile.ts'
import { reachesEveryone } from './support/reach.ts'

const STOP_MS = 30_000
const SEND_DEADLINE_MS = 5000
const GUESSES = 4
const MOST_GROWTH = 150 * 2 ** 20

test('sends are acknowledged in time while Redis is stopped', async () => {
  const cluster = await startCluster({ env: { RATE_LOGINS_PER_MINUTE: `${GUESSES}` } })
  const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 200 })
  try {
    await load.flows(200)
    expect(await guessesAllowed(cluster.nodes, 'both count together')).toBe(GUESSES)
    const memory = await Promise.all(cluster.nodes.map(({ pid }) => memoryOf(pid)))

    await cluster.redis.pause()
    const stopped = performance.now()
    const first = load.sendings().length
    const guessing = guessesAllowed(cluster.nodes, 'each counts by itself')
    const reached: number[] = []
    const posted: number[] = []
    while (performance.now() - stopped < STOP_MS) {
      await load.flows(300)
      posted.push(await post(load, cluster.nodes))
      reached.push(await reachesEveryone(load, `said while Redis stands still ${reached.length}`))
    }
    const allowed = await guessing
    const during = load
      .sendings()
      .slice(first)
      .filter(({ ackedAfterMs }) => ackedAfterMs !== null)
    const grown = await Promise.all(
      cluster.nodes.map(async ({ pid }, index) => (await memoryOf(pid)) - (memory[index] ?? 0)),
    )
    await cluster.redis.resume()
    await load.flows(100)
    const converged = await load.converge()

    const waits = during.map(({ ackedAfterMs }) => ackedAfterMs ?? 0)
    console.log(
      `${load.summary()}; acknowledged in ${Math.round(percentile(waits, 0.99))} ms (99 %), ${Math.round(Math.max(...waits))} ms at most; ` +
        `over REST in ${Math.round(Math.max(...posted))} ms at most; ` +
        `reached everyone in ${reached.map(Math.round).join(', ')} ms; memory grew by ${grown.map(megabytes).join(' and ')} MiB; ` +
        `${allowed} guesses; converged in ${Math.round(converged)} ms`,
    )
    expect(allowed).toBe(GUESSES * cluster.nodes.length)
    expect(Math.max(...waits, ...posted)).toBeLessThan(SEND_DEADLINE_MS)
    expect(load.sendings().flatMap(({ refusals }) => refusals)).toEqual([])
    expect(Math.max(...grown)).toBeLessThan(MOST_GROWTH)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

/** Sends a message that the load has sent already, over REST. @returns milliseconds until it was answered */
async function post({ people, clients }: Load, nodes: readonly { readonly url: string }[]): Promise<number> {
  const [person] = people
  const sending = clients[0]?.sendings.findLast(({ acks }) => acks.length > 0)
  const [node] = nodes
  if (person === undefined || sending === undefined || node === undefined) throw new Error('nothing was sent')
  const start = performance.now()
  const headers = { 'idempotency-key': sending.clientId }
  const { body, room } = sending
  const answer = await call(node, person, 'POST', `/rooms/${room}/messages`, { body }, headers)
  expect(answer.status).toBe(201)
  return performance.now() - start
}

/** Wrong passwords for one account, as many to each node as it takes to be refused. */
async function guessesAllowed(nodes: readonly { readonly url: string }[], username: string): Promise<number> {
  let allowed = 0
  for (const node of nodes) {
    for (let guess = 0; guess <= GUESSES; guess++) {
      const { status } = await call(node, null, 'POST', '/tokens', { username, password: `guess ${guess}` })
      if (status === 429) break
      expect(status).toBe(401)
      allowed++
    }
  }
  return allowed
}
