import { cpus, release } from 'node:os'
import type { Benchmark, Comparison, RunOptions, Turn } from './benchmark.ts'

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
  /** Of the ratios of the single rounds. */
  readonly ratio: Spread
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

function summarize({ parley, limit }: Comparison): Summary {
  const ratios = parley.map((turn, round) => turn.perSecond / (limit[round]?.perSecond ?? Number.NaN))
  return {
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
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
    perSecond: median(turns.map((turn) => turn.perSecond)),
    cpu: each('cpu'),
    memory: each('memory'),
    elsewhere: median(turns.map((turn) => turn.elsewhere)),
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}
