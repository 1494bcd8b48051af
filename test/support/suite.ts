// suite.ts test|slow [PART…]: runs all of test/**/*.test.ts or of test/**/*.slow.ts, or those whose path holds a PART: first, in
// parallel and the slowest first, what can run beside many others, then the rest, fewer at once. `bun test` passes over slow
// suites; a single one also runs with `bun test ./test/….slow.ts`. UPDATE_TIMINGS=1 records how long each takes.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * Suites that measure how long others wait, or that keep processors busy. Those of `test` take about one processor each, so as
 * many run at once as there are processors. The slow ones want the whole machine and run one by one.
 */
const DEMANDING = {
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
const globs = DEMANDING[kind].map((pattern) => new Bun.Glob(`test/${pattern}.${kind}.{ts,tsx}`))
const { demanding = [], easy = [] } = Object.groupBy(files, (file) =>
  globs.some((glob) => glob.match(file)) ? 'demanding' : 'easy',
)
const processors = Math.max(2, availableParallelism())
// Files wait for about half of their time: for timeouts, for servers that start, for disks.
const workers = Math.min(8, 2 * processors)
const codes = [await run(workers, easy), await run(kind === 'test' ? Math.min(8, processors) : 1, demanding)]
process.exit(Math.max(...codes))

/** Each worker has ports of its own (free-port.ts), and a Postgres. */
async function run(workers: number, some: readonly string[]): Promise<number> {
  if (some.length === 0) return 0
  // In one global per worker, so that files share what they have in common: a Postgres, modules that were loaded.
  const parallel = workers === 1 ? [] : [`--parallel=${workers}`, '--no-isolate', `--timings=${TIMINGS}`]
  const update = workers > 1 && process.env.UPDATE_TIMINGS ? ['--update-timings'] : []
  const command = [process.execPath, 'test', ...parallel, ...update, ...some.map((file) => `./${file}`)]
  return await Bun.spawn(command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).exited
}
