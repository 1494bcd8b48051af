import postgres, { type Sql } from 'postgres'
import type { PostgresServer } from '../../support/postgres-server.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { type Cores, dividedCores, keepOn } from './harness/cores.ts'
import { median } from './harness/figures.ts'
import { perMillion } from './harness/usage.ts'
import { startUsedPostgres } from './harness/used-postgres.ts'
import { createPlainDatabase, drivePlainCommits } from './limits/drive-commits.ts'
import { BUCKETS_MS, type Delays, sumOfCounts } from './load/delays.ts'
import { openRoomsLoad, type RoomsLoad, type RoomsTurn, warmUp } from './load/rooms-load.ts'
import { bareRooms, parleyRooms } from './load/rooms-targets.ts'

const SHAPES = [
  { rooms: 1, clients: 32 },
  { rooms: 1000, clients: 4 },
]
/** Messages on their way, where the maximum is measured. */
const IN_FLIGHT = 512
const SHARE = 0.5
const WARM_UP_MS = 500
const TARGET = { most: 3, worst: 5 }

/**
 * From a send until everyone has it, at half of the rate that is the most, which is measured first. The database's own commits
 * are a plain loop of inserts on an otherwise idle machine, with batches of the size that Parley's had on average, and as many of
 * them a second. What the sockets alone take is told beside it: the same clients at the same rate with the bare server. Servers,
 * databases and the plain loop share one half of the cores, and the load has the other, where that can be had.
 */
export const latency: Benchmark = {
  name: 'latency',
  title: 'v2 on Postgres, from send to the last delivery at half of the maximum, against the commit alone',
  async run(options) {
    const cores = dividedCores()
    const database = await startUsedPostgres()
    const { targets, databaseUrl } = await parleyRooms(SHAPES, database)
    const limits = await bareRooms(SHAPES)
    const servers = [...targets, ...limits].flatMap(({ processes }) => processes)
    for (const pid of new Set(servers.map(({ pid }) => pid))) keepOn(cores.servers, pid)
    for (const target of [targets[0], limits[0]]) if (target !== undefined) await warmUp(target)
    const sql = postgres(databaseUrl, { max: 1 })
    const comparisons: Comparison[] = []
    for (const [index, { rooms, clients }] of SHAPES.entries()) {
      const [target, limit] = [targets[index], limits[index]]
      if (target === undefined || limit === undefined) throw new Error('a shape is missing')
      const [load, bare] = [await openRoomsLoad(target), await openRoomsLoad(limit)]
      for (const { pid } of [load, bare]) keepOn(cores.load, pid)
      const name = rooms === 1 ? `1 room of ${clients}` : `${rooms} rooms of ${clients}`
      comparisons.push(
        ...(await compare(name, rooms, { load, bare, sql, database, cores: cores.servers }, options)),
      )
      await load.close()
      await bare.close()
    }
    await sql.end()
    return comparisons
  },
}

async function compare(
  name: string,
  rooms: number,
  { load, bare, sql, database, cores }: Parts,
  { rounds, seconds }: RunOptions,
): Promise<Comparison[]> {
  const most: RoomsTurn[] = []
  const bareMost: RoomsTurn[] = []
  const full = { mode: 'in flight', count: IN_FLIGHT } as const
  for (let round = 0; round < rounds; round++) {
    most.push(await load.turn(full, seconds))
    bareMost.push(await bare.turn(full, seconds))
  }
  const traffic = { mode: 'paced', perSecond: SHARE * median(most.map(rateOf)) } as const
  const plainUrl = await createPlainDatabase(database)
  const found: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const last = await lastMessage(sql)
    const turn = await load.turn(traffic, seconds)
    const rows = turn.allSends / (await batchesAfter(sql, last))
    const plan = {
      databaseUrl: plainUrl,
      // As many lanes as Parley has by default.
      connections: 1,
      rows: Math.max(1, Math.round(rows)),
      rooms,
      perSecond: traffic.perSecond / rows,
      warmUpMs: WARM_UP_MS,
      measureMs: seconds * 1000,
    }
    const commits = await drivePlainCommits(plan, cores)
    found.push({ turn, rows, commits, alone: await bare.turn(traffic, seconds) })
  }
  return comparisonsOf(name, { most, bareMost, found })
}

function comparisonsOf(name: string, { most, bareMost, found }: Found): Comparison[] {
  const commits = `commits of ${median(found.map(({ rows }) => rows)).toFixed(1)} rows`
  const common = { unit: 'ms', by: 'ratio', target: null, counted: 'deliveries' } as const
  return [
    {
      ...common,
      name: `${name}: maximum`,
      unit: 'sends/s',
      sides: ['Parley', 'sockets alone'],
      parley: most.map((turn) => turnOf(rateOf(turn), turn)),
      limit: bareMost.map((turn) => turnOf(rateOf(turn), turn)),
    },
    {
      ...common,
      name: `${name}: p99 at half of it`,
      target: TARGET,
      sides: ['Parley', commits],
      parley: found.map(({ turn }) => turnOf(p99(turn), turn)),
      limit: found.map((round) => plain(round.commits.p99)),
      histogram: {
        upTo: BUCKETS_MS,
        parley: sumOfCounts(found.flatMap(({ turn }) => turn.delays ?? [])),
        limit: sumOfCounts(found.map((round) => round.commits)),
      },
      closing: [worstRound(name, found)],
    },
    {
      ...common,
      name: `${name}: p50`,
      sides: ['Parley', commits],
      parley: found.map(({ turn }) => plain(turn.delays?.p50 ?? Number.NaN)),
      limit: found.map((round) => plain(round.commits.p50)),
    },
    {
      ...common,
      name: `${name}: p99, sockets alone`,
      sides: ['Parley', 'sockets alone'],
      parley: found.map(({ turn }) => plain(p99(turn))),
      limit: found.map(({ alone }) => turnOf(p99(alone), alone)),
    },
  ]
}

/** The round whose p99 is the most commits' long, as a line of text. */
function worstRound(name: string, found: readonly Round[]): string {
  const ratioOf = ({ turn, commits }: Round) => p99(turn) / commits.p99
  const [worst] = found.toSorted((a, b) => ratioOf(b) - ratioOf(a))
  if (worst === undefined) return `${name}: there was no round`
  const { turn, commits } = worst
  const [own, other] = [p99(turn), commits.p99].map((value) => `${value.toFixed(2)} ms`)
  const most = turn.delays?.most.toFixed(1)
  return `${name}, worst round: p99 ${own}, ${ratioOf(worst).toFixed(1)} × the commit's ${other}; the longest took ${most} ms, the longest commit ${commits.most.toFixed(1)} ms.`
}

/** In milliseconds; NaN where nothing was measured. */
function p99({ delays }: RoomsTurn): number {
  return delays?.p99 ?? Number.NaN
}

function rateOf({ sends, seconds }: RoomsTurn): number {
  return sends / seconds
}

function turnOf(value: number, { usage, allDeliveries }: RoomsTurn): Turn {
  const { memory, elsewhere } = usage
  return { value, cpu: perMillion(usage, allDeliveries), memory, elsewhere }
}

/** What it cost is told elsewhere, or not at all. */
function plain(value: number): Turn {
  return { value, cpu: {}, memory: {}, elsewhere: 0 }
}

async function lastMessage(sql: Sql): Promise<number> {
  const [row] = await sql<{ last: number }[]>`select coalesce(max(id), 0)::float8 as last from messages`
  return row?.last ?? Number.NaN
}

/** Each batch is a transaction of its own. */
async function batchesAfter(sql: Sql, message: number): Promise<number> {
  const [row] = await sql<{ batches: number }[]>`
    select count(distinct xmin::text)::float8 as batches from messages where id > ${message}`
  return row?.batches ?? Number.NaN
}

interface Parts {
  readonly load: RoomsLoad
  /** The same clients with the bare server. */
  readonly bare: RoomsLoad
  /** Of Parley's database. */
  readonly sql: Sql
  readonly database: PostgresServer
  /** The servers' and the database's. */
  readonly cores: Cores
}

interface Found {
  readonly most: readonly RoomsTurn[]
  readonly bareMost: readonly RoomsTurn[]
  readonly found: readonly Round[]
}

interface Round {
  readonly turn: RoomsTurn
  /** Of a batch, on average. */
  readonly rows: number
  readonly commits: Delays
  readonly alone: RoomsTurn
}
