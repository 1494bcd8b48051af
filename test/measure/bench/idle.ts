import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import type { Benchmark, Comparison, Turn } from './harness/benchmark.ts'
import { type Filled, fill } from './idle/fill.ts'
import { bareServers, type Needs, type Servers, v1Servers, v2Servers } from './idle/servers.ts'

const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 10_000)
/** Files that a process has open besides. */
const OTHER_FILES = 1000

const MOST_MEMORY = 2
const MOST_CPU = 1.5

export const idle: Benchmark = {
  name: 'idle',
  title: `${CONNECTIONS} idle connections (BENCH_CONNECTIONS), each hears one room, on Postgres, against bare Bun sockets on one topic, which are pinged as often`,
  async run({ rounds }) {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const nodes = Math.ceil(CONNECTIONS / (openFiles() - OTHER_FILES))
    const needs = { postgres, redis, nodes, clients: CONNECTIONS }
    const found = { v2: [] as Filled[], v1: [] as Filled[], bare: [] as Filled[] }
    for (let round = 0; round < rounds; round++) {
      found.v2.push(await turn(v2Servers, needs))
      found.bare.push(await turn(bareServers, needs))
      found.v1.push(await turn(v1Servers, needs))
    }
    return [...compare('v2', found.v2, found.bare), ...compare('v1', found.v1, found.bare, closing(nodes))]
  },
}

/** Servers of their own each time: what was served before would be in their memory. */
async function turn(start: (needs: Needs) => Promise<Servers>, needs: Needs): Promise<Filled> {
  const servers = await start(needs)
  try {
    return await fill(servers, needs.clients)
  } finally {
    await servers.remove()
  }
}

function compare(
  contract: string,
  parley: readonly Filled[],
  bare: readonly Filled[],
  closing: readonly string[] = [],
): Comparison[] {
  const common = { by: 'ratio', counted: 'connections', sides: ['Parley', 'bare'] } as const
  const delivery = (name: string, of: (filled: Filled) => number): Comparison => ({
    ...common,
    name: `${contract}: ${name} delivery of one message`,
    unit: 'ms',
    target: null,
    parley: parley.map((filled) => brief(of(filled), filled)),
    limit: bare.map((filled) => brief(of(filled), filled)),
  })
  const whole = ({ bytesEach, cpu, memory, elsewhere }: Filled): Turn => ({
    value: bytesEach,
    cpu,
    memory,
    elsewhere,
  })
  return [
    {
      ...common,
      name: `${contract}: memory of a connection`,
      unit: 'bytes',
      target: { most: MOST_MEMORY },
      parley: parley.map(whole),
      limit: bare.map(whole),
    },
    {
      ...common,
      name: `${contract}: CPU of an idle connection`,
      unit: 'µs a second',
      target: { most: MOST_CPU },
      parley: parley.map((filled) => brief(filled.idleMicros, filled)),
      limit: bare.map((filled) => brief(filled.idleMicros, filled)),
    },
    delivery('first', ({ first }) => first),
    { ...delivery('last', ({ last }) => last), closing },
  ]
}

/** Without what another comparison shows of the same turn. */
function brief(value: number, { elsewhere }: Filled): Turn {
  return { value, cpu: {}, memory: {}, elsewhere }
}

function closing(nodes: number): string[] {
  const files =
    'The memory of the loads is their own; what the system keeps of each connection is in nobody’s.'
  if (nodes === 1) return [files]
  return [
    files,
    `A process may have ${openFiles()} files open here, so there are ${nodes} servers on each side; Parley's are nodes of one chat.`,
  ]
}

/** That a process may have open. The runtime raises its own limit to the most that it may. */
function openFiles(): number {
  const limit = Bun.spawnSync(['sh', '-c', 'ulimit -Hn']).stdout.toString().trim()
  return limit === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(limit)
}
