import { startParley } from '../../support/parley-process.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import type { Benchmark, Comparison, Turn } from './harness/benchmark.ts'
import { cpuSeconds } from './harness/processes.ts'
import { statementsExecuted } from './harness/statements.ts'
import { perMillion, type Usage, watch } from './harness/usage.ts'
import { type Crowd, startCrowd } from './idle/crowd.ts'
import type { CrowdPlan } from './idle/plan.ts'
import { seedRooms, seedUsers } from './idle/seed.ts'
import { bareServers } from './idle/servers.ts'
import { RATES } from './load/setup.ts'

const CLIENTS = Number(process.env.BENCH_CONNECTIONS ?? 10_000)
/** Members of the rooms: every client is in one room of each size; the first holds them all. */
const SIZES = [CLIENTS, 100, 10, 2]
/** Said in the largest room while everybody is gone. */
const MISSED = 20

const MOST_STATEMENTS = 0.1
/** Milliseconds until all are back, of as many clients as there are by default. */
const MOST_MS = 3000
const TARGET_CLIENTS = 10_000

interface Storm {
  /** Milliseconds until the clients hear their rooms again, and until the last of them has all that it needs. */
  readonly p50: number
  readonly p99: number
  readonly live: number
  readonly ready: number
  /** That Postgres has executed meanwhile; NaN where there is none. */
  readonly statements: number
  readonly usage: Usage
}

export const reconnects: Benchmark = {
  name: 'reconnects',
  title: `${CLIENTS} v2 clients (BENCH_CONNECTIONS) in ${SIZES.length} rooms each, of ${SIZES.join(', ')} members, cut at once, come back with what they have; against bare Bun sockets`,
  async run({ rounds }) {
    const postgres = await startPostgres()
    const parley = await parleyCrowd(postgres)
    const bare = await bareCrowd()
    const found = { parley: [] as Storm[], bare: [] as Storm[] }
    for (let round = 0; round < rounds; round++) {
      found.parley.push(await parley.storm())
      found.bare.push(await bare.storm())
    }
    await Promise.all([parley.end(), bare.end()])
    return comparisons(found.parley, found.bare)
  },
}

async function parleyCrowd(server: PostgresServer) {
  const databaseUrl = await server.createDatabase()
  const limit = String(CLIENTS + 1000)
  const node = await startParley({
    ...RATES,
    DATABASE_URL: databaseUrl,
    MAX_CONNECTIONS: limit,
    MAX_CONNECTIONS_PER_ADDRESS: limit,
  })
  const users = await seedUsers(databaseUrl, CLIENTS)
  const rooms = SIZES.flatMap((size) => groups(users, size))
  const ids = await seedRooms(
    databaseUrl,
    rooms.map((members) => members.map(({ id }) => id)),
  )
  const own = new Map(users.map(({ id }) => [id, [] as number[]]))
  for (const [i, members] of rooms.entries()) {
    for (const { id } of members) own.get(id)?.push(ids[i] ?? 0)
  }
  const [largest] = ids
  const subscribe = (room: number, i: number) =>
    JSON.stringify({ type: 'subscribe', id: i + 1, room, after: 0 })
  const clients = users.map(({ id, token }) => ({
    path: `/api/v2/socket?token=${token}`,
    greeting: (own.get(id) ?? []).map(subscribe),
  }))
  const sign = (type: string) => ({ start: `{"type":"${type}"`, times: SIZES.length })
  const plan = { port: node.port, live: sign('live'), ready: sign('state') }
  const crowd = startCrowd({ ...plan, load: 0, clients: clients.slice(1) })
  // The first stays all the time and says what the others miss: the room's tail is in memory, as with any room in use.
  const witness = startCrowd({ ...plan, load: 1, clients: clients.slice(0, 1) })
  await witness.open()
  await crowd.open()
  let said = 0
  while (said < MISSED) {
    const body = `missed-${++said}`
    await witness.hear(body, JSON.stringify({ type: 'send', id: 100 + said, room: largest, body }))
  }
  const watched = [
    { name: 'server', pid: node.pid, memory: true },
    { name: 'Postgres', pid: server.pid, memory: false },
  ]
  return {
    storm: () => storm(crowd, watched, () => statementsExecuted(server, databaseUrl)),
    end: () => Promise.all([crowd.end(), witness.end(), node.remove()]),
  }
}

async function bareCrowd() {
  const servers = await bareServers({ nodes: 1 })
  const plan: CrowdPlan = servers.crowd(0, 0, CLIENTS)
  const crowd = startCrowd(plan)
  await crowd.open()
  return {
    storm: () => storm(crowd, servers.processes, () => Promise.resolve(Number.NaN)),
    end: () => Promise.all([crowd.end(), servers.remove()]),
  }
}

async function storm(
  crowd: Crowd,
  watched: Parameters<typeof watch>[0],
  statements: () => Promise<number>,
): Promise<Storm> {
  const before = await statements()
  const [usage, own] = [watch(watched), cpuSeconds(crowd.pid)]
  const { live, ready } = await crowd.comeBack()
  const used = usage(cpuSeconds(crowd.pid) - own)
  return {
    p50: live.p50,
    p99: live.p99,
    live: live.last,
    ready: ready.last,
    statements: (await statements()) - before,
    usage: used,
  }
}

function comparisons(parley: readonly Storm[], bare: readonly Storm[]): Comparison[] {
  const common = {
    by: 'ratio',
    counted: 'clients',
    unit: 'ms',
    target: null,
    sides: ['Parley', 'bare'],
  } as const
  const brief = (value: number, { usage }: Storm): Turn => ({
    value,
    cpu: {},
    memory: {},
    elsewhere: usage.elsewhere,
  })
  const times = (name: string, of: (storm: Storm) => number): Comparison => ({
    ...common,
    name,
    parley: parley.map((storm) => brief(of(storm), storm)),
    limit: bare.map((storm) => brief(of(storm), storm)),
  })
  const whole = (storm: Storm): Turn => ({
    ...brief(storm.ready, storm),
    cpu: perMillion(storm.usage, CLIENTS),
    memory: storm.usage.memory,
  })
  return [
    {
      ...common,
      name: 'until all have everything',
      parley: parley.map(whole),
      limit: bare.map(whole),
    },
    {
      ...common,
      name: 'until all are back',
      by: 'difference',
      target: CLIENTS === TARGET_CLIENTS ? { most: MOST_MS } : null,
      sides: ['Parley', 'cut'],
      parley: parley.map((storm) => brief(storm.ready, storm)),
      limit: parley.map((storm) => brief(0, storm)),
    },
    times('until all hear their rooms', ({ live }) => live),
    times('p99 of a client', ({ p99 }) => p99),
    times('p50 of a client', ({ p50 }) => p50),
    {
      ...common,
      name: 'statements',
      unit: '',
      target: { most: MOST_STATEMENTS },
      sides: ['Postgres executed', 'rooms of clients'],
      parley: parley.map((storm) => brief(storm.statements, storm)),
      limit: parley.map((storm) => brief(CLIENTS * SIZES.length, storm)),
    },
  ]
}

/** All of them, in groups of a size. */
function groups<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
