import { startPostgres } from '../../support/postgres-server.ts'
import { alternate, type Benchmark, type Comparison, type RunOptions } from './harness/benchmark.ts'
import { drive } from './load/drive.ts'
import { limitTarget, parleyTarget } from './load/targets.ts'

const CLIENTS = 32

/** Messages on their way at any time, over all clients, and the ratio that is aimed at. */
const windows = [
  { window: 32, target: 0.45 },
  { window: 256, target: 0.8 },
]

/**
 * Standard clients are what applications have; the targets are for them. Raw ones leave nearly the whole machine to the
 * servers, which shows more of the difference between them.
 */
const clients = ['standard', 'raw'] as const

export const fanOut: Benchmark = {
  name: 'fan-out',
  title: `contract v1 on Postgres against a bare Bun server that only publishes, ${CLIENTS} clients in one room`,
  run: (options) => compare(options, true),
}

export const embedded: Benchmark = {
  name: 'embedded',
  title: `contract v1 on the embedded database against the same limit`,
  run: (options) => compare(options, false),
}

async function compare({ rounds, seconds }: RunOptions, onPostgres: boolean): Promise<Comparison[]> {
  const postgres = onPostgres ? await startPostgres() : null
  const parley = await parleyTarget(CLIENTS, postgres)
  const limit = await limitTarget(CLIENTS)
  const comparisons: Comparison[] = []
  for (const client of clients) {
    for (const { window, target } of windows) {
      const turns = await alternate(
        rounds,
        () => drive(parley, client, window / CLIENTS, seconds),
        () => drive(limit, client, window / CLIENTS, seconds),
      )
      comparisons.push({
        name: `window ${window}, ${client} clients`,
        unit: 'deliveries/s',
        by: 'ratio',
        target: onPostgres && client === 'standard' ? { least: target } : null,
        counted: 'deliveries',
        sides: ['Parley', 'limit'],
        ...turns,
      })
    }
  }
  return comparisons
}
