// The database loses what was acknowledged last: an older backup is restored, or a standby takes over that had not received
// everything. Numbers are then given out again. Nobody keeps a message that is gone, and nobody misses one that is new.
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { call } from '../api/v2/rest/support/client.ts'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type DatabaseCluster, startDatabaseCluster } from './support/database-cluster.ts'
import { CONVERGENCE_MS, type Load, startLoad } from './support/load.ts'
import { leaveBehind, loseTail, takeOver } from './support/lost-tail.ts'
import { readLogs } from './support/operator-log.ts'
import { recovers } from './support/recovery.ts'

setDefaultTimeout(120_000)

const env = { SEND_DEADLINE_MS: '2000', SOCKET_HEARTBEAT_MS: '1000' }

let cluster: DatabaseCluster
let load: Load
/** Of each node, before the test. */
let earlier: ReadonlyMap<ParleyProcess, number>

beforeAll(async () => {
  cluster = await startDatabaseCluster({ env })
})
beforeEach(async () => {
  earlier = new Map(cluster.nodes.map((node) => [node, noticesOf(node)]))
  load = await startLoad(cluster, { rooms: 3, clients: 8, perSecond: 150 })
  await load.flows(100)
})
afterEach(() => load.stop())
afterAll(() => cluster.remove())

test('after an older backup is restored under running nodes, all clients have its messages, and later ones', async () => {
  const backup = await cluster.postgres.backUp()
  await load.flows(200)
  const lost = await loseTail(cluster, load, backup)
  expect(lost).toBeGreaterThan(50)
  await expectRecovered(lost)
  expect(notices()).toEqual([1, 1])
})

test('after a lagging standby takes over, all clients have its messages, and later ones', async () => {
  const standby = await cluster.postgres.startStandby()
  await load.flows(50)
  await leaveBehind(standby)
  await load.flows(100)
  const lost = await takeOver(cluster, load, standby)
  expect(lost).toBeGreaterThan(20)
  await expectRecovered(lost)
  expect(notices()).toEqual([1, 1])
})

test('after a standby with all data takes over, nobody starts again from a snapshot', async () => {
  const standby = await cluster.postgres.startStandby()
  await load.flows(50)
  const lost = await takeOver(cluster, load, standby, true)
  expect(lost).toBe(0)
  await expectRecovered(lost)
  expect(notices()).toEqual([0, 0])
})

test('nodes stopped meanwhile cannot know of the rewrite: returning clients detect it, however far the rooms are by then', async () => {
  const backup = await cluster.postgres.backUp()
  const marks = load.clients.map(({ epoch }) => epoch)
  await load.flows(200)
  // Each has been told since that the history is safe up to some later place.
  await until(() => load.clients.every(({ epoch }, i) => epoch !== marks[i]), 'a heartbeat with news')
  const heads = new Map(load.rooms.map((room) => [room, highest(room)]))
  const nodes = cluster.nodes.splice(0)
  await Promise.all(nodes.map((node) => node.stop()))
  const lost = await loseTail(cluster, load, backup)
  expect(lost).toBeGreaterThan(50)

  const fresh = await cluster.launch()
  const [somebody] = load.people
  if (somebody === undefined) throw new Error('there is nobody')
  for (const [room, head] of heads) {
    const say = async () => {
      const { json, status } = await call(fresh, somebody, 'POST', `/rooms/${room}/messages`, {
        body: 'anew',
      })
      if (status !== 201 || typeof json !== 'object' || json === null || !('seq' in json))
        throw new Error(`${status}`)
      return Number(json.seq)
    }
    for (let seq = 0; seq <= head + 10; )
      seq = Math.max(...(await Promise.all(Array.from({ length: 8 }, say))))
  }
  cluster.nodes.push(fresh, await cluster.launch())
  await expectRecovered(lost, { foreign: 'anew' })
})

async function expectRecovered(lost: number, said: { foreign?: string } = {}): Promise<void> {
  const tookMs = await recovers(load)
  const convergedMs = await load.converge()
  console.log(
    `${load.summary()}; ${lost} acknowledged messages were gone; all heard each other ${Math.round(tookMs)} ms ` +
      `after the database was back, and had everything ${Math.round(convergedMs)} ms after the last send`,
  )
  expect(tookMs).toBeLessThan(CONVERGENCE_MS)
  let wrong: string[] = []
  const judge = async () => {
    wrong = (await load.judge()).filter(
      (sentence) => sentence !== `${said.foreign} is stored, but nobody sent it`,
    )
    return wrong.length === 0
  }
  // An edit whose client was sent away may have waited for the database, and come about after all had everything.
  await until(judge, 'all promises to hold', CONVERGENCE_MS).catch(() => false)
  expect(wrong).toEqual([])
}

/** How often each node has told the operator during the test that the history was rewritten. */
function notices(): number[] {
  return cluster.nodes.map((node) => noticesOf(node) - (earlier.get(node) ?? 0))
}

function noticesOf(node: ParleyProcess): number {
  return readLogs([node]).filter(({ msg }) => msg.startsWith('the database lacks')).length
}

function highest(room: number): number {
  return Math.max(...load.clients.map(({ rooms }) => rooms.get(room)?.position ?? 0))
}
