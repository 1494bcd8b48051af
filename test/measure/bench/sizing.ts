/*
 * What nodes cost Redis, and how far one Redis goes: `bun test/measure/bench/sizing.ts [--rounds N] [--seconds S] [--json FILE]`.
 *
 * Measures the parts with the nodes' own code, against a Redis of its own, without databases and sockets, and computes from
 * them what no one machine can run. src/cluster/README.md says what the figures mean.
 */
import { parseArgs } from 'node:util'
import { startRedis } from '../../support/redis-server.ts'
import { amount, median, table } from './harness/figures.ts'
import {
  type EntryCost,
  type IdleCost,
  measureEntries,
  measureIdle,
  measureUsers,
  type Traffic,
  type UserCost,
} from './sizing/measure.ts'
import { limitOf } from './sizing/model.ts'
import { type RedisWatch, watchRedis } from './sizing/redis-usage.ts'
import { SHARDS } from './sizing/simulated-node.ts'

const traffic: readonly Traffic[] = [
  { name: '1 message, 100/s', messages: 1, perSecond: 100 },
  { name: '1 message, 2,400/s', messages: 1, perSecond: 2400 },
  { name: '10 messages, 2,400/s', messages: 10, perSecond: 2400 },
]
const FLEETS = [2, 4, 8, 16, 32, 64]
/** So much of a core of Redis and of a node's is used at most, so that bursts have room; and a line of 1 Gbit/s. */
const MEANS = { redisShare: 0.7, nodeShare: 0.5, network: 125e6 }
const USERS = 4000
/** Entries a second from which on they cost what they cost a busy fleet. */
const BUSY = 1000

interface Round {
  readonly entries: readonly EntryCost[]
  readonly idle: IdleCost
  readonly users: UserCost
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'string' } },
  })
  const server = await startRedis()
  const redis = watchRedis(server.url)
  const rounds: Round[] = []
  for (let round = 0; round < Number(values.rounds ?? 3); round++)
    rounds.push(await measure(server.url, redis, Number(values.seconds ?? 1)))

  console.log([...measured(rounds), '', ...computed(rounds)].join('\n'))
  if (values.json !== undefined) await Bun.write(values.json, `${JSON.stringify(rounds, null, 2)}\n`)
}

async function measure(url: string, redis: RedisWatch, seconds: number): Promise<Round> {
  const entries: EntryCost[] = []
  for (const each of traffic) {
    await redis.flush()
    entries.push(await measureEntries(url, redis, each, seconds))
  }
  await redis.flush()
  const idle = await measureIdle(url, redis, seconds * 3)
  return { entries, idle, users: await measureUsers(url, redis, USERS) }
}

function measured(rounds: readonly Round[]): string[] {
  const row = (what: string, unit: string, of: (round: Round) => number): string[] => {
    const values = rounds.map(of)
    const spread = `${amount(Math.min(...values))} to ${amount(Math.max(...values))}`
    return [what, amount(median(values)), spread, unit]
  }
  const entryRows = traffic.flatMap(({ name }, index) => {
    const entry = (unit: string, what: string, of: (cost: EntryCost) => number) =>
      row(`entry of ${name}: ${what}`, unit, ({ entries }) => of(entryAt(entries, index)))
    return [
      entry('µs of Redis', 'written', ({ written }) => written.redis),
      entry('µs of Redis, for each node', 'read', ({ read }) => read.redis),
      entry('µs of the node', 'written', ({ written }) => written.node),
      entry('µs of the node', 'read', ({ read }) => read.node),
      entry('bytes', 'into Redis', ({ written }) => written.bytes),
      entry('bytes, for each node', 'out of Redis', ({ read }) => read.bytes),
      entry('bytes', 'kept', ({ kept }) => kept),
      entry('', 'messages', (cost) => cost.messages),
    ]
  })
  return table([
    ['', 'median', 'min to max', ''],
    ...entryRows,
    row(`node that listens to ${SHARDS} shards, idle`, 'commands/s', ({ idle }) => idle.commands),
    row('the same', 'µs of Redis a second', ({ idle }) => idle.redis),
    row('user who comes online', 'µs of Redis', ({ users }) => users.arrival),
    row('the same, while online', 'bytes', ({ users }) => users.online.bytes),
    row('user who enters a room', 'µs of Redis', ({ users }) => users.entering),
    row('user who sends, each time it is told', 'µs of Redis', ({ users }) => users.budget),
  ])
}

function computed(rounds: readonly Round[]): string[] {
  const rows = traffic.flatMap(({ name, perSecond }, index) => {
    // Far from the limit an entry costs more than it would there.
    if (perSecond < BUSY) return []
    const cost = medianCost(rounds.map(({ entries }) => entryAt(entries, index)))
    return FLEETS.map((nodes) => {
      const { entries, bytesOut, by } = limitOf(nodes, cost, MEANS)
      const rates = [entries, entries * cost.messages, bytesOut / 1e6].map(amount)
      return [name, String(nodes), ...rates, by]
    })
  })
  return table([
    ['computed: most that one Redis carries', 'nodes', 'entries/s', 'messages/s', 'MB/s out', 'ended by'],
    ...rows,
  ])
}

function medianCost(costs: readonly EntryCost[]): EntryCost {
  const of = (value: (cost: EntryCost) => number) => median(costs.map(value))
  const side = (name: 'written' | 'read') => ({
    redis: of((cost) => cost[name].redis),
    node: of((cost) => cost[name].node),
    bytes: of((cost) => cost[name].bytes),
  })
  return {
    written: side('written'),
    read: side('read'),
    kept: of(({ kept }) => kept),
    messages: of(({ messages }) => messages),
  }
}

function entryAt(entries: readonly EntryCost[], index: number): EntryCost {
  const cost = entries[index]
  if (cost === undefined) throw new Error('a round is not whole')
  return cost
}

main().then(
  // The server that was started ends with this process.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
