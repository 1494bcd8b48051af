import postgres from 'postgres'
import { startParley } from '../../support/parley-process.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { type Population, populate } from './growth/population.ts'
import type { Benchmark, Comparison, Turn } from './harness/benchmark.ts'
import { cpuSeconds } from './harness/processes.ts'
import { statementsExecuted } from './harness/statements.ts'
import { type Usage, type Watched, watch } from './harness/usage.ts'
import { startCrowd } from './idle/crowd.ts'
import type { CrowdPlan } from './idle/plan.ts'
import { seedToken } from './idle/seed.ts'
import { RATES } from './load/setup.ts'

const ROOMS = Number(process.env.BENCH_ROOMS ?? 2000)
/** The first room is large; the others have six members, or two in every tenth, which is a direct chat. */
const POPULATION: Population = { numbers: 40, rooms: ROOMS - 1, longer: 25, users: 1000, joined: ROOMS - 1 }
/** The most messages in a snapshot. */
const PAGE = 10

const MOST_MS = 500
/** For each room. */
const MOST_STATEMENTS = 0.1

/** Requests in a frame, if the client asks for batches: fewer than the server takes. */
const REQUESTS_AT_ONCE = 100

/** What the client has of its rooms when it connects, and whether it asks for batches, as the client library does. */
interface Case {
  readonly name: string
  readonly hasAll: boolean
  readonly batched: boolean
}

const CASES: readonly Case[] = [
  { name: 'has everything, batched', hasAll: true, batched: true },
  { name: 'has nothing, batched', hasAll: false, batched: true },
  { name: 'has everything, single frames', hasAll: true, batched: false },
  { name: 'has nothing, single frames', hasAll: false, batched: false },
]

interface Connected {
  /** Milliseconds from the start of the connection until the last room is live, and until it has all that it needs. */
  readonly live: number
  readonly ready: number
  /** That Postgres has executed meanwhile. */
  readonly statements: number
  readonly usage: Usage
}

/**
 * One socket that subscribes to each room of its user at once. The user is offline before, so each connection is an arrival.
 * Nobody else is connected: what is measured is the user's own start.
 */
export const manyRooms: Benchmark = {
  name: 'many-rooms',
  title: `a user in ${ROOMS} rooms (BENCH_ROOMS) connects with one v2 socket on Postgres and subscribes to all of them`,
  async run({ rounds }) {
    const connect = await startServer(await startPostgres())
    // Unmeasured: what a connection goes through has been compiled afterwards.
    for (const one of CASES) await connect(one)
    const found = CASES.map((): Connected[] => [])
    for (let round = 0; round < rounds; round++) {
      for (const [index, one] of CASES.entries()) found[index]?.push(await connect(one))
    }
    return CASES.flatMap(({ name }, index) => comparisons(name, found[index] ?? []))
  },
}

/** Returns what connects the user, waits until all rooms are live, and disconnects. */
async function startServer(server: PostgresServer): Promise<(one: Case) => Promise<Connected>> {
  const databaseUrl = await server.createDatabase()
  const env = {
    ...RATES,
    DATABASE_URL: databaseUrl,
    MAX_SUBSCRIPTIONS: String(ROOMS),
    PRESENCE_GRACE_MS: '0',
  }
  // Makes the tables, and has ended before they are filled: it would find that the history is not the one that it knows.
  const first = await startParley(env)
  await first.stop()
  await first.remove()
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  await populate(sql, POPULATION)
  await sql`vacuum analyze`
  await sql.end()
  const node = await startParley(env)
  const path = `/api/v2/socket?token=${await seedToken(databaseUrl, FIRST_USER)}`
  const watched: Watched[] = [
    { name: 'server', pid: node.pid, memory: true },
    { name: 'Postgres', pid: server.pid, memory: false },
  ]
  return async (one) => {
    const crowd = startCrowd(planOf(node.port, path, one))
    const before = await statementsExecuted(server, databaseUrl)
    const [usage, own] = [watch(watched), cpuSeconds(crowd.pid)]
    const { live, ready } = await crowd.open()
    const used = usage(cpuSeconds(crowd.pid) - own)
    const statements = (await statementsExecuted(server, databaseUrl)) - before
    await crowd.end()
    return { live: live.last, ready: ready.last, statements, usage: used }
  }
}

const FIRST_USER = 1

function planOf(port: number, path: string, { hasAll, batched }: Case): CrowdPlan {
  const { numbers, longer } = POPULATION
  const subscribe = (room: number) => {
    const head = room === 1 ? numbers * longer : numbers
    const from = hasAll ? { after: head } : { limit: PAGE }
    return JSON.stringify({ type: 'subscribe', id: room, room, ...from })
  }
  const sign = (type: string) => ({ start: `{"type":"${type}"`, times: ROOMS })
  const requests = Array.from({ length: ROOMS }, (_, index) => subscribe(index + 1))
  const client = batched
    ? { path: `${path}&batch=1`, greeting: inArrays(requests) }
    : { path, greeting: requests }
  return { port, load: 0, clients: [client], live: sign('live'), ready: sign('state') }
}

function inArrays(requests: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(requests.length / REQUESTS_AT_ONCE) }, (_, i) => {
    const some = requests.slice(i * REQUESTS_AT_ONCE, (i + 1) * REQUESTS_AT_ONCE)
    return `[${some.join()}]`
  })
}

function comparisons(name: string, found: readonly Connected[]): Comparison[] {
  const turn = (value: number, { usage }: Connected): Turn => ({
    value,
    cpu: {},
    memory: {},
    elsewhere: usage.elsewhere,
  })
  const absolute = (
    what: string,
    target: Comparison['target'],
    of: (connected: Connected) => number,
  ): Comparison => ({
    name: `${name}: ${what}`,
    unit: 'ms',
    by: 'difference',
    target,
    counted: '',
    sides: ['Parley', 'connecting'],
    parley: found.map((connected) => turn(of(connected), connected)),
    limit: found.map((connected) => turn(0, connected)),
  })
  return [
    absolute('until all rooms are live', { most: MOST_MS }, ({ live }) => live),
    absolute('until all have their state', null, ({ ready }) => ready),
    absolute("the server's CPU", null, ({ usage }) => 1000 * (usage.seconds.server ?? Number.NaN)),
    absolute("Postgres's CPU", null, ({ usage }) => 1000 * (usage.seconds.Postgres ?? Number.NaN)),
    {
      name: `${name}: statements`,
      unit: '',
      by: 'ratio',
      target: { most: MOST_STATEMENTS },
      counted: '',
      sides: ['Postgres executed', 'rooms'],
      parley: found.map((connected) => turn(connected.statements, connected)),
      limit: found.map((connected) => turn(ROOMS, connected)),
    },
  ]
}
