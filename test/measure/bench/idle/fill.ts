import { cpuSeconds, residentBytes } from '../harness/processes.ts'
import { perMillion, type Watched, watch } from '../harness/usage.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import type { Servers } from './servers.ts'

export interface Filled {
  /** Bytes of the servers' resident memory that each further connection took. */
  readonly bytesEach: number
  /** Microseconds of CPU a second that the servers took for each connection while all were idle: for pings and heartbeats. */
  readonly idleMicros: number
  /** Milliseconds from the send to the first and the last delivery. */
  readonly first: number
  readonly last: number
  /** Seconds of CPU per million connections opened. */
  readonly cpu: Readonly<Record<string, number>>
  readonly memory: Readonly<Record<string, number>>
  readonly elsewhere: number
}

/** Of the connections, those that are open already when it is begun to count what further ones take. */
const LEAD = 0.2

/**
 * Fills servers with idle connections, then sends to all of them. What further connections take is counted from a server
 * that has served as many as a lead already, has lost them, and has them again: what a server needs once, for the first
 * ones that it serves, is not a connection's.
 */
export async function fill(servers: Servers, connections: number): Promise<Filled> {
  const { nodes, processes } = servers
  const each = Math.floor(connections / nodes.length)
  const lead = Math.floor(each * LEAD)
  const rest = each - lead
  const crowds: Crowd[] = []

  /** So many more on each node, one node after the other. */
  async function open(from: number, count: number): Promise<Crowd[]> {
    const some: Crowd[] = []
    for (const node of nodes.keys()) {
      const crowd = startCrowd(servers.crowd(node, node * each + from, count))
      some.push(crowd)
      await crowd.open()
    }
    crowds.push(...some)
    return some
  }

  try {
    for (const crowd of await open(0, lead)) await crowd.end()
    crowds.length = 0
    await open(0, lead)
    const before = await settled(nodes, SETTLE_MS)
    const usage = watch(processes)
    const further = await open(lead, rest)
    const used = usage(further.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0))
    const idle = cpuSince(nodes)
    const after = await settled(nodes, IDLE_MS)
    const idleMicros = idle() / (each * nodes.length)
    const loads = crowds.map(({ pid }, i): Watched => ({ name: `load ${i + 1}`, pid, memory: true }))
    const memory = Object.fromEntries(
      [...processes, ...loads].filter((one) => one.memory).map(({ name, pid }) => [name, residentBytes(pid)]),
    )
    const { first, last } = await sendToAll(servers, crowds, nodes.length)
    return {
      bytesEach: (after - before) / (rest * nodes.length),
      idleMicros,
      first,
      last,
      cpu: perMillion(used, rest * nodes.length),
      memory: { ...memory, loads: loads.reduce((sum, { name }) => sum + (memory[name] ?? 0), 0) },
      elsewhere: used.elsewhere,
    }
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.end()))
  }
}

/** By the first client; on bare servers, which know nothing of each other, by the first of each. */
async function sendToAll(servers: Servers, crowds: readonly Crowd[], nodes: number) {
  const mark = `mark-${crypto.randomUUID()}`
  const send = servers.broadcast(0, mark)
  const heard = await Promise.all(
    crowds.map((crowd, i) => crowd.hear(mark, i === 0 || (servers.apart && i < nodes) ? send : null)),
  )
  const began = heard[0]?.beganAt ?? Number.NaN
  return {
    first: Math.min(...heard.map(({ firstAt }) => firstAt)) - began,
    last: Math.max(...heard.map(({ lastAt }) => lastAt)) - began,
  }
}

const LOOK_MS = 250
/** So long that every connection has had a heartbeat and what that left behind has been collected. */
const SETTLE_MS = 22_000
/** Twice the default of `SOCKET_PING_MS`: each connection is pinged twice meanwhile. */
const IDLE_MS = 50_000

/** The least of their resident memory within some time: what the collector has yet to come to is no connection's. */
async function settled(nodes: Servers['nodes'], ms: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  const until = performance.now() + ms
  while (performance.now() < until) {
    await Bun.sleep(LOOK_MS)
    least = Math.min(
      least,
      nodes.reduce((sum, { pid }) => sum + residentBytes(pid), 0),
    )
  }
  return least
}

/** Returns what tells how many microseconds of CPU they have taken a second since now, all together. */
function cpuSince(nodes: Servers['nodes']): () => number {
  const used = () => nodes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0)
  const [from, before] = [performance.now(), used()]
  return () => (1e6 * (used() - before)) / ((performance.now() - from) / 1000)
}
