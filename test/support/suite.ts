// suite.ts test|slow [PART…]: runs all of test/**/*.test.ts or of test/**/*.slow.ts, or those whose path holds a PART: first, in
// parallel and the slowest first, what can run beside others, then the rest one by one. `bun test` passes over slow suites;
// a single one also runs with `bun test ./test/….slow.ts`. UPDATE_TIMINGS=1 records how long each of the parallel ones takes.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/** Suites that measure how long others wait, or that keep the whole machine busy. */
const ALONE = {
  test: [
    'cluster/redis/{clients,limits-away,outages}',
    'faults/{06-postgres-slow,09-half-open,15-hostile-frames,21-rolling-restart,ended-elsewhere}',
    'hostile/hostile',
    'server/{frame-floods,toggling}',
  ],
  slow: [
    'api/across/replay',
    'faults/{03-redis-stop,10-slow-readers,11-everyone-returns}',
    'hostile/hostile',
  ],
}
const TIMINGS = 'test/support/timings.json'

const root = join(import.meta.dir, '../..')
const [kind, ...parts] = process.argv.slice(2)
if (kind !== 'test' && kind !== 'slow') throw new Error('suite.ts test|slow [PART…]')

const files = (await Array.fromAsync(new Bun.Glob(`test/**/*.${kind}.{ts,tsx}`).scan(root)))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .sort()
if (files.length === 0) {
  console.error('there is no such suite')
  process.exit(1)
}
const runsAlone = ALONE[kind].map((pattern) => new Bun.Glob(`test/${pattern}.${kind}.{ts,tsx}`))
const { alone = [], beside = [] } = Object.groupBy(files, (file) =>
  runsAlone.some((glob) => glob.match(file)) ? 'alone' : 'beside',
)
// Each has ports of its own (free-port.ts), and a Postgres.
const workers = Math.min(8, Math.max(2, availableParallelism()))
const timings = [`--timings=${TIMINGS}`, ...(process.env.UPDATE_TIMINGS ? ['--update-timings'] : [])]
// In one global per worker, so that files share what they have in common: a Postgres, modules that were loaded.
const parallel = [`--parallel=${workers}`, '--no-isolate', ...timings]
const codes = [await run(parallel, beside), await run([], alone)]
process.exit(Math.max(...codes))

async function run(flags: readonly string[], some: readonly string[]): Promise<number> {
  if (some.length === 0) return 0
  const command = [process.execPath, 'test', ...flags, ...some.map((file) => `./${file}`)]
  return await Bun.spawn(command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).exited
}
