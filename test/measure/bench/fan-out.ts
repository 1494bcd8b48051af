import { startPostgres } from '../../support/postgres-server.ts'
import {
  type Target as Aim,
  alternate,
  type Benchmark,
  type Comparison,
  type RunOptions,
  type Turn,
  takeTurns,
} from './harness/benchmark.ts'
import { drive, type Target } from './load/drive.ts'
import { durableLimit, limitTargets } from './load/limit-targets.ts'
import { parleyTargets } from './load/parley-targets.ts'
import type { Plan } from './load/plan.ts'

const CLIENTS = 32

/** Messages on their way at any time, over all clients, and the ratio that is aimed at. */
const V1_WINDOWS = [
  { window: 32, target: null },
  { window: 256, target: { least: 0.45 } },
] as const
const V2_WINDOWS = [
  { window: 32, target: { least: 0.45 } },
  { window: 256, target: { least: 0.6 } },
  { window: 1024, target: { least: 1 } },
] as const

/** Of each client. */
const WARM_UP_IN_FLIGHT = 8

/** At this window what a delivery costs its receiver is compared for both kinds of clients. */
const COST_WINDOW = 256
/**
 * For standard clients. Raw ones hardly look at what they receive: what they cost is the system's share, for bytes and for their own
 * requests, which batching does not lessen.
 */
const COST_TARGET = { most: 0.6 }

/**
 * Raw clients are the headline: they leave nearly the whole machine to the servers, so that the servers are what is compared.
 * Standard clients are what applications have, but cost more than either server; their rows are secondary.
 */
export const fanOut: Benchmark = {
  name: 'fan-out',
  title: `contracts v1 and v2 on Postgres against a bare Bun server that only publishes, a frame a message, ${CLIENTS} clients in one room`,
  async run(options) {
    const postgres = await startPostgres()
    const parley = await parleyTargets(CLIENTS, postgres)
    const limit = await limitTargets(CLIENTS)
    const durable = await durableLimit(CLIENTS, postgres)
    const [v1, v2, v2Batched] = [await parley.v1(), await parley.v2(), await parley.v2Batched()]
    // Unmeasured: what a message goes through has been compiled afterwards.
    for (const side of [v2Batched, v2, v1, limit.v2, durable])
      await drive(side, 'raw', WARM_UP_IN_FLIGHT, options.seconds)
    return [
      ...(await compareV2({ v2, v2Batched }, limit.v2, durable, options)),
      ...(await compareV1(v1, limit.v1, 'raw', options)),
      ...(await compareV1(v1, limit.v1, 'standard', options)),
    ]
  },
}

export const embedded: Benchmark = {
  name: 'embedded',
  title: `contract v1 on the embedded database against the same limit`,
  async run(options) {
    const v1 = await (await parleyTargets(CLIENTS, null)).v1()
    const limit = await limitTargets(CLIENTS)
    const raw = await compareV1(v1, limit.v1, 'raw', options)
    const standard = await compareV1(v1, limit.v1, 'standard', options)
    return [...raw, ...standard].map((comparison) => ({ ...comparison, target: null }))
  },
}

async function compareV1(
  parley: Target,
  limit: Target,
  client: Plan['client'],
  { rounds, seconds }: RunOptions,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = []
  for (const { window, target } of V1_WINDOWS) {
    const turns = await alternate(
      rounds,
      () => drive(parley, client, window / CLIENTS, seconds),
      () => drive(limit, client, window / CLIENTS, seconds),
    )
    const name = `v1, window ${window}, ${client} clients${client === 'standard' ? ' (secondary)' : ''}`
    comparisons.push(fan(name, client === 'raw' ? target : null, turns.parley, turns.limit))
  }
  return comparisons
}

async function compareV2(
  { v2, v2Batched }: { readonly v2: Target; readonly v2Batched: Target },
  limit: Target,
  durable: Target,
  { rounds, seconds }: RunOptions,
): Promise<Comparison[]> {
  const turn = (client: Plan['client'], window: number) => (side: Target) => () =>
    drive(side, client, window / CLIENTS, seconds)
  const batchedRows: Comparison[] = []
  const singleRows: Comparison[] = []
  const durableRows: Comparison[] = []
  const costs: Comparison[] = []
  for (const { window, target } of V2_WINDOWS) {
    const sides = [v2Batched, v2, limit, durable].map(turn('raw', window))
    const [batched = [], single = [], bare = [], stored = []] = await takeTurns(rounds, sides)
    batchedRows.push(fan(`v2 batched, window ${window}, raw clients`, target, batched, bare))
    singleRows.push(fan(`v2, a frame a message, window ${window}, raw clients`, null, single, bare))
    durableRows.push(
      {
        ...fan(`bare, but stored first, window ${window}`, null, stored, bare),
        sides: ['stored first', 'limit'],
      },
      { ...fan(`v2 batched, window ${window}`, null, batched, stored), sides: ['Parley', 'stored first'] },
    )
    if (window === COST_WINDOW) costs.push(clientCost('raw', null, batched, single))
  }
  const standard = [v2Batched, v2].map(turn('standard', COST_WINDOW))
  const [batched = [], single = []] = await takeTurns(rounds, standard)
  costs.push(clientCost('standard', COST_TARGET, batched, single))
  return [...batchedRows, ...durableRows, ...singleRows, ...costs]
}

function fan(name: string, target: Aim | null, parley: readonly Turn[], limit: readonly Turn[]): Comparison {
  return {
    name,
    unit: 'deliveries/s',
    by: 'ratio',
    target,
    counted: 'deliveries',
    sides: ['Parley', 'limit'],
    parley,
    limit,
  }
}

/** What a delivery costs the one who receives it. */
function clientCost(
  client: Plan['client'],
  target: Aim | null,
  batched: readonly Turn[],
  single: readonly Turn[],
): Comparison {
  const cost = ({ cpu, elsewhere }: Turn): Turn => ({
    value: cpu.load ?? Number.NaN,
    cpu: {},
    memory: {},
    elsewhere,
  })
  return {
    name: `v2, CPU of ${client} clients, window ${COST_WINDOW}`,
    unit: 's per million deliveries',
    by: 'ratio',
    target,
    counted: 'deliveries',
    sides: ['batched', 'a frame a message'],
    parley: batched.map(cost),
    limit: single.map(cost),
  }
}
