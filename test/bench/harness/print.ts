import type { Turn } from './benchmark.ts'
import type { Report } from './report.ts'

/** The report as text: the ratios first, then what they cost. */
export function printed({ benchmark, title, machine, options, comparisons }: Report): string {
  const ratios = comparisons.map(({ name, unit, target, ratio, medians }) => [
    name,
    ratio.median.toFixed(2),
    `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}`,
    target === null ? '' : `≥ ${target.toFixed(2)}`,
    `${rate(medians.parley)} ${unit}/s`,
    `${rate(medians.limit)} ${unit}/s`,
  ])
  const costs = comparisons.flatMap(({ name, medians }) => [
    ...costRows(`${name}, Parley`, medians.parley),
    ...costRows(`${name}, limit`, medians.limit),
  ])
  return [
    `${benchmark}: ${title}`,
    `${machine.cores} × ${machine.model}, ${machine.system}, Bun ${machine.bun}; ${options.rounds} rounds of ${options.seconds} s`,
    '',
    ...table([['', 'ratio', 'min to max', 'target', 'Parley', 'limit'], ...ratios]),
    '',
    ...table([['', 'process', 'CPU s per million', 'memory'], ...costs]),
    ...warnings(comparisons),
    '',
  ].join('\n')
}

function costRows(label: string, { cpu, memory }: Turn): string[][] {
  return Object.entries(cpu).map(([name, seconds], row) => {
    const bytes = memory[name]
    return [
      row === 0 ? label : '',
      name,
      Number.isNaN(seconds) ? '?' : seconds.toFixed(2),
      bytes === undefined || Number.isNaN(bytes) ? '' : `${Math.round(bytes / 2 ** 20)} MiB`,
    ]
  })
}

/** Ratios stand much, but not everything: a benchmark that has to share its cores measures the sharing, too. */
function warnings(comparisons: Report['comparisons']): string[] {
  const turns = comparisons.flatMap(({ parley, limit }) => [...parley, ...limit])
  const elsewhere = Math.max(...turns.map((turn) => turn.elsewhere))
  if (!(elsewhere > NOISE)) return []
  return [
    '',
    `Other programs took up to ${Math.round(elsewhere * 100)} % of the machine meanwhile: repeat this when it is idle.`,
  ]
}

const NOISE = 0.1

function rate({ perSecond }: Turn): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k` : perSecond.toFixed(0)
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
