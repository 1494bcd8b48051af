// `bun run chaos [--seed N] [--minutes M] [--clients C] [--rate R] [--only 'postgres killed']`: steady load on two nodes, faults at random moments, and at the
// end the oracle. The same seed throws the same faults in the same order. Exits with 1 where a promise did not hold.
import { parseArgs } from 'node:util'
import { createRandom } from '../../e2e/random.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { type Load, startLoad } from '../support/load.ts'
import { megabytes, memoryOf } from '../support/memory.ts'
import { type Fault, faults } from './faults.ts'
import { type Sample, slopeOf } from './memory-slope.ts'

/** Between one fault's end and the next one's beginning, in milliseconds. */
const CALM_MS = 6000
/** A node's memory is not looked at before this, in milliseconds: caches and pools fill up. */
const WARM_UP_MS = 60_000
const CONVERGENCE_MS = 30_000

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      minutes: { type: 'string', default: '5' },
      clients: { type: 'string', default: '24' },
      rate: { type: 'string', default: '150' },
      only: { type: 'string', default: '' },
    },
  })
  const [seed, minutes] = [number('seed', values.seed), number('minutes', values.minutes)]
  const [clients, perSecond] = [number('clients', values.clients), number('rate', values.rate)]
  say(
    `seed ${seed}, ${minutes} minutes, ${clients} clients in 4 rooms on two nodes, ${perSecond} actions a second`,
  )

  const env = { SEND_DEADLINE_MS: '2000', SOCKET_HEARTBEAT_MS: '2000' }
  const cluster = await startCluster({ ownPostgres: {}, env })
  const load = await startLoad(cluster, { rooms: 4, clients, perSecond })
  const memory = followMemory(cluster)
  const some = faults.filter(({ name }) => values.only === '' || name === values.only)
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

/** Of the first node, which lives throughout. */
function followMemory({ nodes: [node] }: Cluster): { stop(): Sample[] } {
  const samples: Sample[] = []
  const start = performance.now()
  const timer = setInterval(() => {
    if (node === undefined) return
    memoryOf(node.pid).then((bytes) => samples.push({ at: performance.now() - start, bytes }), console.error)
  }, 1000)
  return {
    stop() {
      clearInterval(timer)
      return samples
    },
  }
}

function report(
  thrown: ReadonlyMap<string, number>,
  load: Load,
  left: readonly string[],
  samples: readonly Sample[],
  seed: number,
): boolean {
  const lastAt = samples.at(-1)?.at ?? 0
  const slope = slopeOf(samples, Math.min(WARM_UP_MS, lastAt / 2))
  say('')
  say(`faults   ${[...thrown].map(([name, times]) => `${times} × ${name}`).join(', ')}`)
  say(`load     ${load.summary()}`)
  say(
    `memory   of the node that lived: ${megabytes(samples.at(-1)?.bytes ?? 0)} MiB at the end, ` +
      `${(slope.bytesPerMinute / 2 ** 20).toFixed(2)} MiB a minute after warm-up, ± ${megabytes(slope.noise)} MiB: ` +
      (slope.withinNoise ? 'within noise' : 'GROWING'),
  )
  say(
    left.length === 0
      ? 'oracle   nothing lost, nothing doubled, one order'
      : `oracle   ${left.length} wrong:`,
  )
  for (const sentence of left.slice(0, 20)) say(`         ${sentence}`)
  say(`again    bun run chaos --seed ${seed}`)
  return left.length === 0 && slope.withinNoise
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
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
