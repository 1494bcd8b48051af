import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { perMillion, type Usage } from './harness/usage.ts'
import { askHttp } from './load/http-drive.ts'
import { openRoomsLoad, warmUp } from './load/rooms-load.ts'
import { type ParleyRooms, parleyRooms } from './load/rooms-targets.ts'

const SHAPES = [
  { name: '1 room of 32', rooms: 1, clients: 32 },
  { name: '1000 rooms of 4', rooms: 1000, clients: 4 },
]
const IN_FLIGHT = 512
const REQUEST = '/api/v2/me'
const CONNECTIONS = 32
const LEAST_RATE = 0.95
const MOST_CPU = 1.05
const SIDES = ['in Redis', 'in memory'] as const

/**
 * What it costs that all nodes count together what a user sends and an address asks for: the same server, over the same Redis,
 * with all of that counted in its own memory instead. Every client sends, by turns: with 4,000 of them hardly any sends twice
 * before Redis is told, so that there is an entry for nearly every message, which is the most that there can be.
 */
export const budget: Benchmark = {
  name: 'budget',
  title:
    'v2 on Postgres and Redis, limits that all nodes share against limits that this node counts by itself',
  async run(options) {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const start = (prefix: string, program: { main?: string }) =>
      parleyRooms(SHAPES, postgres, {
        env: { REDIS_URL: redis.url, REDIS_PREFIX: prefix },
        backend: [{ name: 'Redis', pid: redis.pid, memory: true }],
        ...program,
      })
    const shared = await start('shared', {})
    const own = await start('own', { main: OWN_LIMITS })
    for (const { targets } of [shared, own]) if (targets[0] !== undefined) await warmUp(targets[0])
    // First: after the sends the servers are busy with thousands who are gone.
    const asked = await requests(shared, own, options)
    await expectLimits(redis.url)
    return [...asked, ...(await sends(shared, own, options))]
  },
}

async function sends(shared: ParleyRooms, own: ParleyRooms, options: RunOptions): Promise<Comparison[]> {
  const comparisons: Comparison[] = []
  for (const [index, { name }] of SHAPES.entries()) {
    const [target, other] = [shared.targets[index], own.targets[index]]
    if (target === undefined || other === undefined) throw new Error('a shape is missing')
    const loads = [await openRoomsLoad(target), await openRoomsLoad(other)] as const
    const [first, second] = loads.map((load) => async () => {
      const turn = await load.turn({ mode: 'in flight', count: IN_FLIGHT }, options.seconds)
      return { rate: turn.sends / turn.seconds, counted: turn.allSends, usage: turn.usage }
    })
    if (first === undefined || second === undefined) throw new Error('a load is missing')
    comparisons.push(...(await inTurns(name, 'sends', options.rounds, first, second)))
    for (const load of loads) await load.close()
  }
  return comparisons
}

function requests(shared: ParleyRooms, own: ParleyRooms, options: RunOptions): Promise<Comparison[]> {
  const [first, second] = [shared, own].map(({ rest, targets }) => async () => {
    const headers = { authorization: `Bearer ${rest.token}` }
    const target = { url: `${rest.url}${REQUEST}`, headers, processes: targets[0]?.processes ?? [] }
    const turn = await askHttp(target, CONNECTIONS, options.seconds)
    return { rate: turn.answers / turn.seconds, counted: turn.allAnswers, usage: turn.usage }
  })
  if (first === undefined || second === undefined) throw new Error('a server is missing')
  return inTurns(`GET ${REQUEST}`, 'requests', options.rounds, first, second)
}

/** A and B in one round, B and A in the next: neither always comes after what the other has left to do. */
async function inTurns(
  name: string,
  counted: string,
  rounds: number,
  shared: () => Promise<Measured>,
  own: () => Promise<Measured>,
): Promise<Comparison[]> {
  const [inRedis, inMemory]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const steps = [async () => inRedis.push(await shared()), async () => inMemory.push(await own())]
    for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step()
  }
  const common = { by: 'ratio', counted, sides: SIDES } as const
  return [
    {
      ...common,
      name,
      unit: `${counted}/s`,
      target: { least: LEAST_RATE },
      parley: inRedis.map((turn) => turnOf(turn.rate, turn)),
      limit: inMemory.map((turn) => turnOf(turn.rate, turn)),
    },
    {
      ...common,
      name: `${name}: server and Redis`,
      unit: `s per million`,
      target: { most: MOST_CPU },
      parley: inRedis.map(cpuOf),
      limit: inMemory.map(cpuOf),
    },
  ]
}

function turnOf(value: number, { counted, usage }: Measured): Turn {
  const { memory, elsewhere } = usage
  return { value, cpu: perMillion(usage, counted), memory, elsewhere }
}

/** Without what another comparison shows of the same turn. */
function cpuOf({ counted, usage }: Measured): Turn {
  const { seconds, elsewhere } = usage
  const used = (seconds.server ?? Number.NaN) + (seconds.Redis ?? Number.NaN)
  return { value: used / (counted / 1e6), cpu: {}, memory: {}, elsewhere }
}

/** Otherwise the two sides were not what they are said to be. The limits of addresses are kept for a minute. */
async function expectLimits(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl)
  const [shared, own] = [await client.keys('shared:*:limit:*'), await client.keys('own:*:limit:*')]
  client.disconnect()
  if (shared.length === 0) throw new Error('the limits that nodes share were not counted in Redis')
  if (own.length > 0) throw new Error(`limits of one node were counted in Redis: ${own.join(' ')}`)
}

const OWN_LIMITS = join(import.meta.dir, 'limits/memory-limits.ts')

interface Measured {
  /** A second. */
  readonly rate: number
  /** From the first to the last. */
  readonly counted: number
  readonly usage: Usage
}
