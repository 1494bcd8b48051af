import { writeFile } from 'node:fs/promises'
import { createRandom, type Random } from '../../e2e/random.ts'
import { processState } from '../../support/sandbox/process-state.ts'
import { type DatabaseCluster, startDatabaseCluster } from '../support/database-cluster.ts'
import { type DatabaseFault, databaseFaults, poolerFaults } from '../support/database-faults.ts'
import { type Load, startLoad } from '../support/load.ts'
import { type Episode, judgeLog, printLog, readLogs } from '../support/operator-log.ts'
import { RECOVERY_MS, recovers } from '../support/recovery.ts'
import { followMemory, sayMemory } from './memory.ts'
import { say } from './say.ts'

export interface DatabaseChaosOptions {
  readonly seed: number
  readonly minutes: number
  readonly clients: number
  readonly perSecond: number
  /** The only fault to throw; all if it is empty. */
  readonly fault: string
  /** Where to put the nodes' log as an operator reads it. */
  readonly log: string | null
}

/** Between one recovery and the next fault, in milliseconds. */
const CALM_MS = 4000
/** A chat that has not recovered by then does not get another fault. */
const PATIENCE_MS = 60_000
const CONVERGENCE_MS = 30_000
/** What of the time the nodes spend without a pooler, and what behind one. */
const PHASES = [
  { name: 'Postgres', pooled: false, share: 2 / 3 },
  { name: 'PgBouncer', pooled: true, share: 1 / 3 },
] as const

/** Two nodes under load, and faults of their database without an end. @returns whether every promise held */
export async function databaseChaos(options: DatabaseChaosOptions): Promise<boolean> {
  const names = [...databaseFaults, ...poolerFaults].map(({ name }) => name)
  if (options.fault !== '' && !names.includes(options.fault))
    throw new Error(`--fault must be one of:\n${names.join('\n')}`)
  const wrong: string[] = []
  const logs: string[] = []
  for (const [index, { name, pooled, share }] of PHASES.entries()) {
    const all = pooled ? [...databaseFaults, ...poolerFaults] : databaseFaults
    const faults = all.filter(({ name, direct }) => {
      return (!pooled || direct !== true) && (options.fault === '' || name === options.fault)
    })
    if (faults.length === 0) continue
    const forMs = options.minutes * 60_000 * share
    say(`\n== two nodes before ${name}, ${Math.round(forMs / 1000)} s`)
    const phase = await runPhase(options, faults, createRandom(options.seed + index), forMs, pooled)
    wrong.push(...phase.wrong)
    logs.push(`==== two nodes before ${name}\n${phase.log}`)
  }
  if (options.log !== null) await writeFile(options.log, logs.join('\n'))
  say(wrong.length === 0 ? '\nall promises held' : `\n${wrong.length} wrong:`)
  for (const sentence of wrong.slice(0, 50)) say(`  ${sentence}`)
  return wrong.length === 0
}

interface Phase {
  readonly wrong: string[]
  readonly log: string
}

async function runPhase(
  options: DatabaseChaosOptions,
  faults: readonly DatabaseFault[],
  random: Random,
  forMs: number,
  pooled: boolean,
): Promise<Phase> {
  const { clients, perSecond } = options
  const cluster = await startDatabaseCluster({ pooled, env: { SOCKET_HEARTBEAT_MS: '2000' } })
  const load = await startLoad(cluster, { rooms: 4, clients, perSecond })
  const memory = cluster.nodes.map(followMemory)
  const episodes: Episode[] = []
  const took = new Map<string, number[]>()
  const wrong: string[] = []
  try {
    wrong.push(...(await throwFaults(cluster, load, { faults, random, forMs, episodes, took })))
    wrong.push(...(await judgeChat(load)))
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error))
  }
  for (const [index, { pid }] of cluster.nodes.entries()) {
    if (processState(pid) !== 'running') wrong.push(`node ${index + 1} did not live to the end`)
  }
  const lines = readLogs(cluster.nodes)
  const objections = judgeLog(lines, episodes)
  for (const [name, ms] of took) {
    const all = ms.map((each) => `${Math.round(each)}`).join(', ')
    say(`${`${ms.length} ×`.padStart(6)} ${name}: recovered in ${all} ms`)
  }
  say(`load    ${load.summary()}`)
  for (const [index, each] of memory.entries())
    say(`memory  of node ${index + 1}: ${sayMemory(each.stop()).sentence}`)
  say(
    `oracle  ${wrong.length === 0 ? 'both nodes live, nothing lost, nothing doubled, one order' : `${wrong.length} wrong`}`,
  )
  say(
    `log     ${lines.length} lines, ${objections.length === 0 ? 'each cause once, each recovery once' : `${objections.length} wrong`}`,
  )
  load.stop()
  await cluster.remove()
  return { wrong: [...wrong, ...objections], log: printLog(lines, episodes) }
}

interface Course {
  readonly faults: readonly DatabaseFault[]
  readonly random: Random
  readonly forMs: number
  /** What happened is noted here. */
  readonly episodes: Episode[]
  /** Milliseconds until all was well again, by fault. */
  readonly took: Map<string, number[]>
}

async function throwFaults(cluster: DatabaseCluster, load: Load, course: Course): Promise<string[]> {
  const { faults, random, forMs, episodes, took } = course
  const wrong: string[] = []
  const start = performance.now()
  let deck: DatabaseFault[] = []
  await load.flows(50)
  while (performance.now() - start < forMs) {
    await Bun.sleep(500 + random.below(CALM_MS))
    // Each of them once before any of them again.
    if (deck.length === 0) deck = [...faults]
    const [fault] = deck.splice(random.below(deck.length), 1)
    if (fault === undefined) continue
    const from = Date.now()
    const refused = load.refusals()
    const outages = (await fault.run(cluster, random)) ?? 1
    const over = Date.now()
    const episode: Episode = { name: fault.name, from, over, outages, refusals: 0 }
    episodes.push(episode)
    const ms = await recovers(load, PATIENCE_MS)
    episode.refusals = load.refusals() - refused
    took.set(fault.name, [...(took.get(fault.name) ?? []), ms])
    if (ms > RECOVERY_MS) wrong.push(`${fault.name}: recovered after ${Math.round(ms)} ms`)
    const at = ((performance.now() - start) / 1000).toFixed(1).padStart(6)
    say(`${at} s  ${fault.name}, for ${over - from} ms; recovered in ${Math.round(ms)} ms`)
    const dead = cluster.nodes.findIndex(({ pid }) => processState(pid) !== 'running')
    if (dead !== -1)
      throw new Error(`${fault.name}: node ${dead + 1} ended:\n${cluster.nodes[dead]?.output().slice(-2000)}`)
  }
  return wrong
}

async function judgeChat(load: Load): Promise<string[]> {
  await load.converge(CONVERGENCE_MS)
  return await load.judge()
}
