// Two nodes are replaced, one after the other, by nodes of a version that knows a further type of events, and then by nodes of
// this version again. What the newer ones commit takes numbers that the others cannot read: nobody loses anything for that.
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { CONVERGENCE_MS, type Load, startLoad } from './support/load.ts'
import { readLogs } from './support/operator-log.ts'

const NEWER = join(import.meta.dir, 'support/newer-node.ts')
const ROOMS = 3

let cluster: Cluster
let load: Load
/** By room and number: what it was shown as, to at least one client; `nothing` if only the number was told. */
const shown = new Map<string, Set<string>>()
/** The nodes that were ever there, and those of them that are of the newer version. */
const all: ParleyProcess[] = []
const newer = new Set<ParleyProcess>()

beforeEach(async () => {
  cluster = await startCluster({ nodes: 2 })
  all.push(...cluster.nodes)
  load = await startLoad(cluster, {
    rooms: ROOMS,
    clients: 8,
    perSecond: 100,
    client: {
      frame(frame) {
        if (frame.type === 'changes') {
          const told = new Set(frame.events.map(({ seq }) => seq))
          for (let seq = frame.after + 1; seq <= frame.to; seq++)
            if (!told.has(seq)) note(frame.room, seq, 'nothing')
          for (const event of frame.events) note(event.room, event.seq, event.type)
        } else if (frame.type === 'room') note(frame.room, frame.seq, frame.type)
      },
    },
  })
})
afterEach(async () => {
  load.stop()
  await cluster.remove()
})

test('with mixed versions, numbers stay dense, and everyone has everything', async () => {
  await load.flows(100)
  for (const place of [0, 1]) await replace(place, NEWER)
  await pinUnderLoad()
  // One step back: what the newer version left in the database is there as long as the rooms are.
  for (const place of [1, 0]) await replace(place)
  await load.flows(100)
  await load.converge()
  console.log(`${load.summary()}; ${(await pins()).length} events of the newer version`)
  expect(await load.judge()).toEqual([])
  expect(readLogs(all).filter(({ level }) => level >= 50)).toEqual([])
})

/** Puts another node in a node's place, with both there for a while. */
async function replace(place: number, main?: string): Promise<void> {
  const node = await cluster.launch({}, main)
  all.push(node)
  if (main !== undefined) newer.add(node)
  const [old] = cluster.nodes.splice(place, 1, node)
  await pinUnderLoad()
  expect(await old?.stop()).toBe(0)
  await spread()
  await pinUnderLoad()
  await pinInQuiet()
}

/** Clients of a node that stops go to the other one: half of them come back to the new one. */
async function spread(): Promise<void> {
  const at = (node: ParleyProcess) => load.clients.filter(({ url }) => url?.startsWith(node.wsUrl))
  // A client may not have noticed yet that its node has stopped.
  const isThere = () => cluster.nodes.flatMap(at).filter(({ live }) => live).length === load.clients.length
  await until(isThere, 'all clients to be live at a node that runs', 20_000)
  for (const node of cluster.nodes) {
    for (const client of at(node).slice(load.clients.length / 2)) {
      client.leave()
      client.comeBack()
    }
  }
  const isSpread = () => cluster.nodes.every((node) => at(node).some(({ live }) => live))
  await until(isSpread, 'clients at both nodes', 20_000)
  await until(() => load.clients.every(({ live }) => live), 'all clients to be live', 20_000)
}

/** In the middle of messages, so that known events come before and after unknown ones in one entry. */
async function pinUnderLoad(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const { pid } of newerNodes()) process.kill(pid, 'SIGUSR2')
    await load.flows(15)
  }
}

/** With nothing after it that would show its number, and with a node of either kind to show it or to tell its number alone. */
async function pinInQuiet(): Promise<void> {
  await load.converge()
  const ways = cluster.nodes.length > newerNodes().length ? 'nothing,room' : 'room'
  for (const { pid } of newerNodes()) {
    const before = new Set(await pins())
    process.kill(pid, 'SIGUSR2')
    const isTold = async () => {
      const fresh = (await pins()).filter((pin) => !before.has(pin))
      return fresh.length >= ROOMS && fresh.every((pin) => [...(shown.get(pin) ?? [])].sort().join() === ways)
    }
    await until(isTold, `an event in each room to be told as ${ways}`, CONVERGENCE_MS)
    await load.converge()
  }
  load.resume()
}

function newerNodes(): ParleyProcess[] {
  return cluster.nodes.filter((node) => newer.has(node))
}

async function pins(): Promise<string[]> {
  const rows = await cluster.sql<{ pin: string }[]>`
    select room_id || ' ' || seq as pin from room_events where type = 'pinned'`
  return rows.map(({ pin }) => pin)
}

function note(room: number, seq: number, type: string): void {
  const key = `${room} ${seq}`
  const ways = shown.get(key) ?? new Set()
  shown.set(key, ways.add(type))
}
