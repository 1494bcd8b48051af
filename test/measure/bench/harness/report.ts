import { cpus, release } from 'node:os'
import type { Benchmark, Comparison, RunOptions, Turn } from './benchmark.ts'
import { median } from './figures.ts'

export interface Report {
  readonly benchmark: string
  readonly title: string
  readonly startedAt: string
  readonly machine: {
    readonly cores: number
    readonly model: string
    readonly system: string
    readonly bun: string
  }
  readonly options: RunOptions
  readonly comparisons: readonly (Comparison & Summary)[]
}

export interface Summary {
  /** Of the ratios, or differences, of the single rounds. */
  readonly result: Spread
  /** Medians of the rounds. */
  readonly medians: { readonly parley: Turn; readonly limit: Turn }
}

interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function report(
  benchmark: Benchmark,
  startedAt: Date,
  options: RunOptions,
  comparisons: readonly Comparison[],
): Report {
  const [core] = cpus()
  return {
    benchmark: benchmark.name,
    title: benchmark.title,
    startedAt: startedAt.toISOString(),
    machine: {
      cores: cpus().length,
      model: core?.model ?? '',
      system: `${process.platform} ${release()} ${process.arch}`,
      bun: Bun.version,
    },
    options,
    comparisons: comparisons.map((comparison) => ({ ...comparison, ...summarize(comparison) })),
  }
}

function summarize({ parley, limit, by }: Comparison): Summary {
  const results = parley.map(({ value }, round) => {
    const other = limit[round]?.value ?? Number.NaN
    return by === 'ratio' ? value / other : value - other
  })
  return {
    result: { median: median(results), min: Math.min(...results), max: Math.max(...results) },
    medians: { parley: medianTurn(parley), limit: medianTurn(limit) },
  }
}

function medianTurn(turns: readonly Turn[]): Turn {
  const each = (values: 'cpu' | 'memory') =>
    Object.fromEntries(
      Object.keys(turns[0]?.[values] ?? {}).map((name) => [
        name,
        median(turns.map((turn) => turn[values][name] ?? Number.NaN)),
      ]),
    )
  return {
    value: median(turns.map((turn) => turn.value)),
    cpu: each('cpu'),
    memory: each('memory'),
    elsewhere: median(turns.map((turn) => turn.elsewhere)),
  }
}
