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
  /** The load's part of all CPU that was counted, from 0 to 1, on both sides; NaN if none was counted. */
  readonly loadShare: { readonly parley: number; readonly limit: number }
  /** Whether the load took so much of the CPU that the result depends on the load's own cost. */
  readonly dependsOnLoad: boolean
}

/** From this part of the CPU on a result is said to depend on the load's own cost. */
export const LOAD_MATTERS = 0.2

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
  const medians = { parley: medianTurn(parley), limit: medianTurn(limit) }
  const loadShare = { parley: shareOfLoad(medians.parley), limit: shareOfLoad(medians.limit) }
  return {
    result: { median: median(results), min: Math.min(...results), max: Math.max(...results) },
    medians,
    loadShare,
    dependsOnLoad: loadShare.parley >= LOAD_MATTERS || loadShare.limit >= LOAD_MATTERS,
  }
}

function shareOfLoad({ cpu }: Turn): number {
  return (cpu.load ?? Number.NaN) / Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0)
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
