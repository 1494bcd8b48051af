import type { Random } from '../../e2e/random.ts'
import { processState } from '../../support/sandbox/process-state.ts'
import { until } from '../../support/until.ts'
import type { DatabaseCluster } from './database-cluster.ts'
import type { DatabaseFault } from './database-faults.ts'
import type { Load } from './load.ts'
import { type Episode, isWell, judgeLog, type LogLine, readLogs } from './operator-log.ts'
import { recovers } from './recovery.ts'

export interface Drill {
  readonly episode: Episode
  /** Milliseconds from the end of the fault until everything worked again. */
  readonly tookMs: number
}

/** How long the servers may take to recover before the drill gives up, in milliseconds; the promise is shorter. */
const PATIENCE_MS = 40_000
const CONVERGENCE_MS = 30_000

/** Causes one fault under load, and waits until everything works again. @throws if a node has ended, or the load makes no progress */
export async function drill(
  cluster: DatabaseCluster,
  load: Load,
  fault: DatabaseFault,
  random: Random,
): Promise<Drill> {
  await load.flows(20, CONVERGENCE_MS)
  const before = load.refusals()
  const from = Date.now()
  const outages = (await fault.run(cluster, random, load)) ?? 1
  const over = Date.now()
  throwIfEnded(cluster, fault)
  const tookMs = await recovers(load, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`${fault.name}: ${[...whoEnded(cluster), String(error)].join('; ')}`)
  })
  throwIfEnded(cluster, fault)
  const refusals = load.refusals() - before
  return { episode: { name: fault.name, from, over, outages, refusals }, tookMs }
}

/** @returns the promises that do not hold, once no fault is under way any more */
export async function judgeDrills(cluster: DatabaseCluster, load: Load): Promise<string[]> {
  try {
    await load.converge(CONVERGENCE_MS)
    return [...whoEnded(cluster), ...(await load.judge())]
  } catch (error) {
    return [...whoEnded(cluster), String(error)]
  }
}

/** @returns the nodes' log, and what an operator objects to in it */
export async function judgeLogs(
  { nodes }: DatabaseCluster,
  episodes: readonly Episode[],
): Promise<{ lines: LogLine[]; wrong: string[] }> {
  await untilWell({ nodes }).catch((error: unknown) => String(error))
  const lines = readLogs(nodes)
  return { lines, wrong: judgeLog(lines, episodes) }
}

/** A node logs that the database is available once nothing has failed for a while. */
export async function untilWell({ nodes }: Pick<DatabaseCluster, 'nodes'>): Promise<void> {
  await until(() => isWell(readLogs(nodes)), 'each node to tell that the database is back', CONVERGENCE_MS)
}

function throwIfEnded(cluster: DatabaseCluster, { name }: DatabaseFault): void {
  const ended = whoEnded(cluster)
  if (ended.length > 0) throw new Error(`${name}: ${ended.join('; ')}`)
}

function whoEnded({ nodes }: DatabaseCluster): string[] {
  return nodes.flatMap(({ pid, output }, index) => {
    if (processState(pid) === 'running') return []
    const last = readLogs([{ output }]).findLast(({ level }) => level >= 50)
    return [`node ${index + 1} has ended: ${last?.msg} ${last?.code ?? ''}`]
  })
}
