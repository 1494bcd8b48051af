// `bun run chaos [--seed N] [--minutes M] [--clients C] [--rate R] [--only 'postgres killed']`: steady load on two nodes, faults at
// random moments, and at the end the oracle. The same seed throws the same faults in the same order. Exits with 1 if a promise did
// not hold.
//
// `bun run chaos --only database [--log FILE]` throws faults of the database alone, at nodes that reach it through a proxy and, for
// a third of the time, a PgBouncer. After each of them it measures how long recovery takes, and at the end it judges the nodes' log,
// which FILE is to hold as an operator reads it. `--fault NAME` throws that one only, `--without
// NAME` all but that one; an unknown name lists them.
import { parseArgs } from 'node:util'
import { createRandom } from '../../e2e/random.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { type Load, startLoad } from '../support/load.ts'
import { databaseChaos } from './database.ts'
import { type Fault, faults } from './faults.ts'
import { followMemory, sayMemory } from './memory.ts'
import type { Sample } from './memory-slope.ts'
import { say } from './say.ts'

/** Between one fault's end and the next one's beginning, in milliseconds. */
const CALM_MS = 6000
const CONVERGENCE_MS = 30_000

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      minutes: { type: 'string', default: '5' },
      clients: { type: 'string' },
      rate: { type: 'string' },
      only: { type: 'string', default: '' },
      fault: { type: 'string', default: '' },
      without: { type: 'string', default: '' },
      log: { type: 'string' },
    },
  })
  const [seed, minutes] = [number('seed', values.seed), number('minutes', values.minutes)]
  const ofDatabase = values.only === 'database'
  const clients = number('clients', values.clients ?? (ofDatabase ? '16' : '24'))
  const perSecond = number('rate', values.rate ?? (ofDatabase ? '60' : '150'))
  if (ofDatabase) {
    const { fault, without, log = null } = values
    say(`seed ${seed}, ${minutes} minutes, ${clients} clients in 4 rooms, ${perSecond} actions a second`)
    const held = await databaseChaos({ seed, minutes, clients, perSecond, fault, without, log })
    process.exit(held ? 0 : 1)
  }
  const some = faults.filter(({ name }) => values.only === '' || name === values.only)
  if (some.length === 0) throw new Error(`there is no fault named ${values.only}`)
  say(
    `seed ${seed}, ${minutes} minutes, ${clients} clients in 4 rooms on two nodes, ${perSecond} actions a second`,
  )

  const env = { SEND_DEADLINE_MS: '2000', SOCKET_HEARTBEAT_MS: '2000' }
  const cluster = await startCluster({ ownPostgres: {}, env })
  const load = await startLoad(cluster, { rooms: 4, clients, perSecond })
  const [steady] = cluster.nodes
  if (steady === undefined) throw new Error('there is no node')
  const memory = followMemory(steady)
  const thrown = await throwFaults(cluster, load, some, seed, minutes * 60_000).catch((error: unknown) => {
    for (const node of cluster.nodes) say(`${node.url} said at last:\n${node.output().slice(-4000)}`)
    throw error
  })

  say('no more faults; waiting until everyone has everything')
  let left: string[]
  try {
    const took = await load.converge(CONVERGENCE_MS)
    say(`everyone had everything after ${Math.round(took)} ms`)
    left = await load.judge()
  } catch (error) {
    left = [error instanceof Error ? error.message : String(error)]
  }
  const samples = memory.stop()
  load.stop()
  const held = report(thrown, load, left, samples, seed)
  await cluster.remove()
  process.exit(held ? 0 : 1)
}

async function throwFaults(
  cluster: Cluster,
  load: Load,
  some: readonly Fault[],
  seed: number,
  forMs: number,
): Promise<Map<string, number>> {
  const random = createRandom(seed)
  const thrown = new Map<string, number>()
  const start = performance.now()
  await load.flows(100)
  while (performance.now() - start < forMs) {
    await Bun.sleep(1000 + random.below(CALM_MS))
    const fault = some[random.below(some.length)]
    if (fault === undefined) continue
    const began = performance.now()
    await fault.run(cluster, random)
    thrown.set(fault.name, (thrown.get(fault.name) ?? 0) + 1)
    const at = `${((began - start) / 1000).toFixed(1).padStart(6)} s`
    say(
      `${at}  ${fault.name}, for ${Math.round(performance.now() - began)} ms; ${load.acked().length} acknowledged so far`,
    )
    // The next one meets a chat that goes on.
    await load.flows(20, CONVERGENCE_MS)
  }
  return thrown
}

function report(
  thrown: ReadonlyMap<string, number>,
  load: Load,
  left: readonly string[],
  samples: readonly Sample[],
  seed: number,
): boolean {
  const memory = sayMemory(samples)
  say('')
  say(`faults   ${[...thrown].map(([name, times]) => `${times} × ${name}`).join(', ')}`)
  say(`load     ${load.summary()}`)
  say(`memory   of the node that lived: ${memory.sentence}`)
  say(
    left.length === 0
      ? 'oracle   nothing lost, nothing doubled, one order'
      : `oracle   ${left.length} wrong:`,
  )
  for (const sentence of left.slice(0, 20)) say(`         ${sentence}`)
  say(`again    bun run chaos --seed ${seed}`)
  return left.length === 0 && memory.withinNoise
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new Error(`--${name} must be a number, but is ${text}`)
  return value
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
