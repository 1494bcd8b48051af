import type { Target, Turn } from './benchmark.ts'
import { amount, table } from './figures.ts'
import type { Report } from './report.ts'

/** The report as text: what came out first, then what it cost. */
export function printed({ benchmark, title, machine, options, comparisons }: Report): string {
  const results = comparisons.map(({ name, unit, by, target, result, medians, sides }) => {
    const shown = (value: number) =>
      by === 'ratio' ? value.toFixed(2) : `${value < 0 ? '' : '+'}${value.toFixed(2)}`
    return [
      name,
      shown(result.median),
      `${shown(result.min)} to ${shown(result.max)}`,
      targetText(target),
      `${sides[0]} ${amount(medians.parley.value)} ${unit}`,
      `${sides[1]} ${amount(medians.limit.value)} ${unit}`,
    ]
  })
  const costs = comparisons.flatMap(({ name, counted, sides, medians }) => [
    ...costRows(`${name}: ${sides[0]}`, counted, medians.parley),
    ...costRows(`${name}: ${sides[1]}`, counted, medians.limit),
  ])
  return [
    `${benchmark}: ${title}`,
    `${machine.cores} × ${machine.model}, ${machine.system}, Bun ${machine.bun}; ${options.rounds} rounds of ${options.seconds} s`,
    '',
    ...table([['', 'median', 'min to max', 'target', 'measured', 'against'], ...results]),
    '',
    ...table([['', 'process', 'CPU s per million', 'memory'], ...costs]),
    ...warnings(comparisons),
    ...comparisons.flatMap(({ closing }) => (closing === undefined ? [] : ['', ...closing])),
    '',
  ].join('\n')
}

function targetText(target: Target | null): string {
  if (target === null) return ''
  return 'least' in target ? `≥ ${target.least.toFixed(2)}` : `≤ ${target.most.toFixed(2)}`
}

function costRows(label: string, counted: string, { cpu, memory }: Turn): string[][] {
  return Object.entries(cpu).map(([name, seconds], row) => {
    const bytes = memory[name]
    return [
      row === 0 ? label : '',
      name,
      Number.isNaN(seconds) ? '?' : `${seconds.toFixed(2)} ${counted}`,
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
