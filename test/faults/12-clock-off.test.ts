// One node's clock is an hour fast, another's an hour slow: what is said is in order and has the right time, tokens and tickets live
// as long as they should, and limits are those of everyone.
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { Ticket, Token } from '../../src/api/v2/wire/index.ts'
import { bodyOf, call } from '../api/v2/rest/support/client.ts'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { openNamed } from './support/named-visit.ts'
import { makeRooms, makeToken, type Person } from './support/people.ts'

const HOUR_MS = 3_600_000
const SKEWED = join(import.meta.dir, 'support/skewed-node.ts')
const RATE = 20
const BURST = 40
const HAMMER_MS = 1500
/** Sends to each node that have no answer yet: a slow machine passes the limit, too. */
const AT_ONCE = 8
const TOKEN_MS = 1500
const TOKEN_DAYS = 90

test('clocks that are off by an hour change nothing', async () => {
  const cluster = await startCluster({
    nodes: 1,
    env: {
      RATE_MESSAGES_PER_SECOND: `${RATE}`,
      RATE_MESSAGES_BURST: `${BURST}`,
      // One client sends far more than it may, and is to be told so each time.
      RATE_REFUSALS_PER_SECOND: '10000',
      RATE_REFUSALS_BURST: '100000',
      // Four times as often it is looked which tokens have ended.
      SOCKET_HEARTBEAT_MS: '1000',
    },
  })
  const off = await Promise.all(
    [HOUR_MS, -HOUR_MS].map((ms) => cluster.launch({ CLOCK_OFF_MS: `${ms}` }, SKEWED)),
  )
  cluster.nodes.push(...off)
  // That the clocks are off at all: log lines have the time of day.
  const times = off.map((node) => Date.parse(/"time":"([^"]+)"/.exec(node.output())?.[1] ?? '') - Date.now())
  expect(times.map((ms) => Math.round(ms / HOUR_MS))).toEqual([1, -1])
  const load = await startLoad(cluster, { rooms: 3, clients: 15, guests: 1, perSecond: 150 })
  const [guest] = load.guests
  if (guest === undefined) throw new Error('there is no guest')
  try {
    await load.flows(150)
    await tokensHold(cluster.nodes, guest)
    const [ended, { taken, forMs }] = await Promise.all([tokenEnds(cluster, guest), hammer(cluster, guest)])
    const converged = await load.converge()
    console.log(
      `${load.summary()}; one user could send ${taken} messages over ${cluster.nodes.length} nodes in ${Math.round(forMs)} ms; ` +
        `a token of ${TOKEN_MS} ms ended its connections after ${ended.map(Math.round).join(', ')} ms; converged in ${Math.round(converged)} ms`,
    )
    expect(taken).toBeGreaterThanOrEqual(BURST)
    // Each node gives what it knows of at once; what was too much is owed.
    expect(taken).toBeLessThanOrEqual(BURST * cluster.nodes.length + (RATE * forMs) / 1000)
    const [{ wrong } = { wrong: -1 }] = await cluster.sql<{ wrong: number }[]>`
      select count(*)::int as wrong from (
        select created_at, lag(created_at) over (partition by room_id order by seq) as before from messages) m
      where created_at < before or abs(extract(epoch from now() - created_at)) > 300`
    expect(wrong).toBe(0)
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

/** What one node issues is as good at the others, for as long as it should be. */
async function tokensHold(nodes: readonly ParleyProcess[], guest: Person): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const next = nodes[(index + 1) % nodes.length] ?? node
    const issued = bodyOf(await call(node, guest, 'POST', '/me/tokens'), 201, Token)
    expect(Math.abs(issued.expires_in_ms / 86_400_000 - TOKEN_DAYS)).toBeLessThan(0.01)
    expect((await call(next, issued, 'GET', '/me')).status).toBe(200)
    const { ticket, expires_in_ms } = bodyOf(await call(node, guest, 'POST', '/me/tickets'), 201, Ticket)
    expect(expires_in_ms).toBe(30_000)
    const { visit } = await openNamed(next, `?ticket=${ticket}`)
    visit.close()
  }
}

/** @returns after how many milliseconds each node ended a connection whose token ended */
async function tokenEnds({ sql, nodes }: Cluster, guest: Person): Promise<number[]> {
  // Before the token is made: on a slow machine its time runs for a while until this goes on.
  const start = performance.now()
  const token = await makeToken(sql, guest.id, TOKEN_MS)
  const opened = await Promise.all(nodes.map((node) => openNamed(node, `?token=${token}`)))
  for (const { expiresInMs } of opened) {
    expect(expiresInMs).toBeLessThanOrEqual(TOKEN_MS)
    expect(expiresInMs).toBeGreaterThan(0)
  }
  await until(() => opened.every(({ visit }) => !visit.open), 'the connections to end')
  for (const node of nodes) expect((await call(node, { token }, 'GET', '/me')).status).toBe(401)
  const after = opened.map(({ visit }) => (visit.endedAt ?? 0) - start)
  expect(opened.map(({ visit }) => visit.code)).toEqual(nodes.map(() => 1008))
  expect(Math.min(...after)).toBeGreaterThan(TOKEN_MS - 100)
  expect(Math.max(...after)).toBeLessThan(TOKEN_MS + 2000)
  return after
}

/** Sends as much as it can over all nodes, for a time. */
async function hammer(cluster: Cluster, guest: Person): Promise<{ taken: number; forMs: number }> {
  const [place] = cluster.nodes
  if (place === undefined) throw new Error('there is no node')
  const [room = 0] = await makeRooms(place, [guest], 1)
  const opened = await Promise.all(cluster.nodes.map((node) => openNamed(node, `?token=${guest.token}`)))
  const start = performance.now()
  const refusals = new Set<string>()
  let taken = 0
  while (performance.now() - start < HAMMER_MS) {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        opened.map(({ visit }) => visit.ask({ type: 'send', room, body: 'too much' })),
      ).flat(),
    )
    taken += answers.filter((answer) => answer?.type === 'result').length
    for (const answer of answers) if (answer?.type !== 'result') refusals.add(answer?.code ?? 'none')
  }
  expect(refusals).toEqual(new Set(['rate_limited']))
  for (const { visit } of opened) visit.close()
  return { taken, forMs: performance.now() - start }
}
