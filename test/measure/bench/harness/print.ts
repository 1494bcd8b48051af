import type { Histogram, Target, Turn } from './benchmark.ts'
import { amount, table } from './figures.ts'
import { LOAD_MATTERS, type Report } from './report.ts'

/** The report as text: what came out first, then what it cost. */
export function printed({ benchmark, title, machine, options, comparisons }: Report): string {
  const results = comparisons.map((comparison) => {
    const { name, unit, by, target, result, medians, sides } = comparison
    const shown = (value: number) =>
      by === 'ratio' ? value.toFixed(2) : `${value < 0 ? '' : '+'}${value.toFixed(2)}`
    return [
      name,
      shown(result.median),
      `${shown(result.min)} to ${shown(result.max)}`,
      targetText(target),
      `${sides[0]} ${amount(medians.parley.value)} ${unit}`,
      `${sides[1]} ${amount(medians.limit.value)} ${unit}`,
      loadText(comparison),
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
    ...table([['', 'median', 'min to max', 'target', 'measured', 'against', 'load'], ...results]),
    ...loadNotes(comparisons),
    '',
    ...table([['', 'process', 'CPU s per million', 'memory'], ...costs]),
    ...warnings(comparisons),
    ...comparisons.flatMap(({ name, sides, histogram }) =>
      histogram === undefined
        ? []
        : ['', `${name}: how many took so long`, ...histogramLines(histogram, sides)],
    ),
    ...comparisons.flatMap(({ closing }) => (closing === undefined ? [] : ['', ...closing])),
    '',
  ].join('\n')
}

function targetText(target: Target | null): string {
  if (target === null) return ''
  if ('least' in target) return `≥ ${target.least.toFixed(2)}`
  const { most, worst } = target
  return `≤ ${most.toFixed(2)}${worst === undefined ? '' : `, worst ≤ ${worst.toFixed(2)}`}`
}

/** The load's part of the CPU on both sides; empty if none was counted. */
function loadText({ loadShare: { parley, limit }, dependsOnLoad }: Report['comparisons'][number]): string {
  if (Number.isNaN(parley) && Number.isNaN(limit)) return ''
  const percent = (share: number) => (Number.isNaN(share) ? '–' : `${Math.round(share * 100)} %`)
  return `${percent(parley)} / ${percent(limit)}${dependsOnLoad ? ' *' : ''}`
}

function loadNotes(comparisons: Report['comparisons']): string[] {
  if (!comparisons.some(({ dependsOnLoad }) => dependsOnLoad)) return []
  return [
    `* The load took ${Math.round(LOAD_MATTERS * 100)} % of the CPU or more on one of the sides: the figure depends on the load's own cost.`,
  ]
}

/** A line a bucket, without the empty ones at both ends. */
function histogramLines({ upTo, parley, limit }: Histogram, sides: readonly [string, string]): string[] {
  const used = [...upTo, Number.POSITIVE_INFINITY].map((_, i) => (parley[i] ?? 0) + (limit[i] ?? 0) > 0)
  const [from, to] = [used.indexOf(true), used.lastIndexOf(true)]
  const rows = used.map((_, i) => [
    upTo[i] === undefined ? `> ${upTo.at(-1)} ms` : `≤ ${upTo[i]} ms`,
    ...share(parley, i),
    ...share(limit, i),
  ])
  return table([
    ['', sides[0], '', sides[1], ''],
    ...rows.filter((_, i) => from !== -1 && i >= from && i <= to),
  ])
}

function share(counts: readonly number[], i: number): [string, string] {
  const count = counts[i] ?? 0
  const all = counts.reduce((sum, each) => sum + each, 0)
  return [String(count), all === 0 ? '' : `${((count / all) * 100).toFixed(2)} %`]
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
