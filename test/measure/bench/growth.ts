import type { Store } from '../../../src/core/index.ts'
import { type Databases, startDatabases } from './growth/database.ts'
import type { Population } from './growth/population.ts'
import { append, type Question, questions } from './growth/questions.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { watch } from './harness/usage.ts'

/** Of each question, a round. */
const CALLS = 100
const TARGET = { most: 1.2 }
const QUANTILES = { p50: 0.5, p99: 0.99 }

export const growth: Benchmark = {
  name: 'growth',
  title: `what the store is asked, at 10 million messages against 10 thousand, ${CALLS} times a round in turns; the rows in memory`,
  async run(options) {
    const databases = await startDatabases()
    const bare = await compareAll(databases, options, 'no statistics', questions)
    for (const { sql } of [databases.small, databases.large]) await sql`vacuum (analyze)`
    const known = await compareAll(databases, options, 'statistics', questions)
    // At last: what it writes would be read by the others.
    return [...bare, ...known, ...(await compareAll(databases, options, 'statistics', append))]
  },
}

async function compareAll(
  databases: Databases,
  options: RunOptions,
  state: string,
  asked: (store: Store, population: Population) => Question[],
): Promise<Comparison[]> {
  const { small, large } = databases
  const same = asked(small.store, small.population)
  const comparisons: Comparison[] = []
  for (const [index, question] of asked(large.store, large.population).entries()) {
    const other = same[index]
    if (other?.name !== question.name) throw new Error('both databases are asked the same')
    comparisons.push(...(await compare(databases, options, state, question, other)))
  }
  return comparisons
}

async function compare(
  { postgres }: Databases,
  { rounds }: RunOptions,
  state: string,
  large: Question,
  small: Question,
): Promise<Comparison[]> {
  const found: { readonly large: number[]; readonly small: number[]; readonly elsewhere: number }[] = []
  // The first round brings what is asked for into memory, and Postgres to settle on its plans.
  for (let round = -1; round < rounds; round++) {
    const times = { large: [] as number[], small: [] as number[] }
    const usage = watch([{ name: 'Postgres', pid: postgres.pid, memory: false }])
    const before = process.cpuUsage()
    for (let call = 0; call < CALLS; call++) {
      times.large.push(await timed(large, call))
      times.small.push(await timed(small, call))
    }
    const { user, system } = process.cpuUsage(before)
    const { elsewhere } = usage((user + system) / 1e6)
    if (round >= 0) found.push({ ...times, elsewhere })
  }
  return Object.entries(QUANTILES).map(([part, at]) => {
    const turns = (side: 'large' | 'small') =>
      found.map(
        (each): Turn => ({
          value: quantile(each[side], at),
          cpu: {},
          memory: {},
          elsewhere: each.elsewhere,
        }),
      )
    return {
      name: `${large.name}, ${state}, ${part}`,
      unit: 'ms',
      by: 'ratio',
      target: TARGET,
      counted: '',
      sides: ['10 M', '10 k'],
      parley: turns('large'),
      limit: turns('small'),
    }
  })
}

async function timed({ ask }: Question, turn: number): Promise<number> {
  const from = performance.now()
  await ask(turn)
  return performance.now() - from
}

function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * at) - 1] ?? Number.NaN
}
