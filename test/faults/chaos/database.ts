import { writeFile } from 'node:fs/promises'
import { createRandom, type Random } from '../../e2e/random.ts'
import { type DatabaseCluster, startDatabaseCluster } from '../support/database-cluster.ts'
import { type DatabaseFault, databaseFaults, poolerFaults } from '../support/database-faults.ts'
import { type Drill, drill, judgeDrills, judgeLogs, untilWell } from '../support/drill.ts'
import { type Load, startLoad } from '../support/load.ts'
import { printLog } from '../support/operator-log.ts'
import { RECOVERY_MS } from '../support/recovery.ts'
import { followMemory, sayMemory } from './memory.ts'
import { say } from './say.ts'

export interface DatabaseChaosOptions {
  readonly seed: number
  readonly minutes: number
  readonly clients: number
  readonly perSecond: number
  /** The only fault to throw; all if it is empty. */
  readonly fault: string
  /** The fault not to throw; none if it is empty. */
  readonly without: string
  /** Where to put the nodes' log as an operator reads it. */
  readonly log: string | null
}

/** Between one recovery and the next fault, once to twice: the nodes have then told that the database is back. Milliseconds. */
const CALM_MS = 2500
/** What of the time the nodes spend without a pooler, and what behind one. */
const PHASES = [
  { name: 'Postgres', pooled: false, share: 2 / 3 },
  { name: 'PgBouncer', pooled: true, share: 1 / 3 },
] as const

/** Two nodes under load, and faults of their database without an end. @returns whether every promise held */
export async function databaseChaos(options: DatabaseChaosOptions): Promise<boolean> {
  const names = [...databaseFaults, ...poolerFaults].map(({ name }) => name)
  for (const name of [options.fault, options.without]) {
    if (name !== '' && !names.includes(name))
      throw new Error(`${name} is none of the faults:\n${names.join('\n')}`)
  }
  const wrong: string[] = []
  const logs: string[] = []
  for (const [index, { name, pooled, share }] of PHASES.entries()) {
    const all = pooled ? [...databaseFaults, ...poolerFaults] : databaseFaults
    const faults = all.filter(({ name, direct }) => {
      const wanted = options.fault === '' || name === options.fault
      return (!pooled || direct !== true) && wanted && name !== options.without
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
  for (const some of Map.groupBy(wrong, withoutNumbers).values())
    say(`  ${some.length > 1 ? `${some.length} × such as: ` : ''}${some[0]}`)
  return wrong.length === 0
}

/** So that what is wrong of many messages or people makes one line. */
function withoutNumbers(sentence: string): string {
  return sentence.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '#').slice(0, 200)
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
  const drills: Drill[] = []
  const wrong = await throwFaults(cluster, load, { faults, random, forMs, drills }).catch(
    (error: unknown) => [String(error)],
  )
  wrong.push(...(await judgeDrills(cluster, load)))
  const episodes = drills.map(({ episode }) => episode)
  const log = await judgeLogs(cluster, episodes)
  for (const [name, some] of Map.groupBy(drills, ({ episode }) => episode.name)) {
    const times = some.map(({ tookMs }) => Math.round(tookMs)).join(', ')
    say(`${`${some.length} ×`.padStart(6)} ${name}: recovered in ${times} ms`)
  }
  say(`load    ${load.summary()}`)
  for (const [index, each] of memory.entries())
    say(`memory  of node ${index + 1}: ${sayMemory(each.stop()).sentence}`)
  say(`oracle  ${sayWrong(wrong, 'both nodes live, nothing lost, nothing doubled, one order')}`)
  say(`log     ${log.lines.length} lines: ${sayWrong(log.wrong, 'each cause once, each recovery once')}`)
  load.stop()
  await cluster.remove()
  return { wrong: [...wrong, ...log.wrong], log: printLog(log.lines, episodes) }
}

function sayWrong({ length }: readonly string[], well: string): string {
  return length === 0 ? well : `${length} wrong`
}

interface Course {
  readonly faults: readonly DatabaseFault[]
  readonly random: Random
  readonly forMs: number
  /** What happened is noted here. */
  readonly drills: Drill[]
}

/** @returns which faults it took too long to recover from */
async function throwFaults(cluster: DatabaseCluster, load: Load, course: Course): Promise<string[]> {
  const { faults, random, forMs, drills } = course
  const wrong: string[] = []
  const start = performance.now()
  let deck: DatabaseFault[] = []
  while (performance.now() - start < forMs) {
    await Bun.sleep(CALM_MS + random.below(CALM_MS))
    // Each of them once before any of them again.
    if (deck.length === 0) deck = [...faults]
    const [fault] = deck.splice(random.below(deck.length), 1)
    if (fault === undefined) continue
    const at = `${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s`
    // So that each line of the log is of one fault.
    await untilWell(cluster)
    const thrown = await drill(cluster, load, fault, random)
    drills.push(thrown)
    const { tookMs, episode } = thrown
    if (tookMs > RECOVERY_MS) wrong.push(`${fault.name}: recovered after ${Math.round(tookMs)} ms`)
    say(
      `${at}  ${fault.name}, for ${episode.over - episode.from} ms, ${episode.refusals} refused; recovered in ${Math.round(tookMs)} ms`,
    )
  }
  return wrong
}
