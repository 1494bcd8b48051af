/*
 * How near Parley comes to what the machine can do: `bun run bench [name …] [--rounds N] [--seconds S] [--json FILE]`.
 *
 * Each benchmark holds Parley against a program that does only the unavoidable part of the same work, in turns on the same
 * machine; what counts is the ratio. Postgres runs with fsync and synchronous_commit on.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { budget } from './budget.ts'
import { embedded, fanOut } from './fan-out.ts'
import { growth } from './growth.ts'
import type { Benchmark, RunOptions } from './harness/benchmark.ts'
import { printed } from './harness/print.ts'
import { type Report, report } from './harness/report.ts'
import { history } from './history.ts'
import { idle } from './idle.ts'
import { ingest } from './ingest.ts'
import { largeRooms } from './large-rooms.ts'
import { latency } from './latency.ts'
import { manyRooms } from './many-rooms.ts'
import { nodes } from './nodes.ts'
import { peers } from './peers.ts'
import { reconnects } from './reconnects.ts'
import { search } from './search.ts'
import { start } from './start.ts'

const benchmarks: readonly Benchmark[] = [
  fanOut,
  embedded,
  ingest,
  nodes,
  largeRooms,
  latency,
  budget,
  peers,
  growth,
  history,
  idle,
  reconnects,
  manyRooms,
  search,
  start,
]

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'string' } },
  })
  const options = {
    rounds: positive('rounds', values.rounds, 5),
    seconds: positive('seconds', values.seconds, 1.2),
  }
  const startedAt = new Date()
  const file =
    values.json ?? join(tmpdir(), `parley-bench-${startedAt.toISOString().replaceAll(':', '-')}.json`)

  const reports: Report[] = []
  for (const benchmark of chosen(positionals)) {
    const done = await measure(benchmark, options)
    reports.push(done)
    console.log(printed(done))
    await Bun.write(file, `${JSON.stringify(reports, null, 2)}\n`)
  }
  console.log(`All figures: ${file}`)
}

async function measure(benchmark: Benchmark, options: RunOptions): Promise<Report> {
  const startedAt = new Date()
  return report(benchmark, startedAt, options, await benchmark.run(options))
}

function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
  if (unknown.length > 0) {
    const known = benchmarks.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`)
    throw new Error(`there is no benchmark ${unknown.join(', ')}; there are\n${known.join('\n')}`)
  }
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name))
}

function positive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, but is ${text}`)
  return value
}

main().then(
  // The servers that were started end with this process.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
