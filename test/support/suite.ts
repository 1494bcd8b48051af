// suite.ts test|slow [PART…]: runs all of test/**/*.test.ts or of test/**/*.slow.ts, or those whose path holds a PART: first, in
// parallel and the slowest first, what can run beside many others, then the rest, fewer at once. `bun test` passes over slow
// suites; a single one also runs with `bun test ./test/….slow.ts`. UPDATE_TIMINGS=1 records how long each takes.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const processors = Math.max(2, availableParallelism())

/** In groups that run one after the other, the first that matches: how many files of it run at once, and which they are. */
const GROUPS = {
  test: [
    // Each keeps about one processor busy.
    { workers: processors, files: ['faults/21-rolling-restart', 'hostile/hostile', 'server/frame-floods'] },
    // These also measure how long others wait.
    { workers: 1, files: ['faults/{06-postgres-slow,15-hostile-frames}', 'server/toggling'] },
    // They wait for half of their time: for timeouts, for servers that start, for disks.
    { workers: 2 * processors, files: ['**/*'] },
  ],
  slow: [
    {
      workers: 1,
      files: [
        'api/across/replay',
        'faults/{03-redis-stop,10-slow-readers,11-everyone-returns}',
        'hostile/hostile',
      ],
    },
    { workers: processors, files: ['**/*'] },
  ],
}
/** Each worker has ports of its own (free-port.ts), and a Postgres. */
const MOST_WORKERS = 8
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
const groups = GROUPS[kind].map(({ workers, files }) => ({
  workers: Math.min(MOST_WORKERS, workers),
  globs: files.map((pattern) => new Bun.Glob(`test/${pattern}.${kind}.{ts,tsx}`)),
}))
const groupOf = (file: string) => groups.findIndex(({ globs }) => globs.some((glob) => glob.match(file)))
const byGroup = Map.groupBy(files, groupOf)

let code = 0
for (const [index, { workers }] of [...groups.entries()].toReversed())
  code = Math.max(code, await run(workers, byGroup.get(index) ?? []))
process.exit(code)

async function run(workers: number, some: readonly string[]): Promise<number> {
  if (some.length === 0) return 0
  // In one global per worker, so that files share what they have in common: a Postgres, modules that were loaded.
  const parallel = workers === 1 ? [] : [`--parallel=${workers}`, '--no-isolate', `--timings=${TIMINGS}`]
  const update = workers > 1 && process.env.UPDATE_TIMINGS ? ['--update-timings'] : []
  const command = [process.execPath, 'test', ...parallel, ...update, ...some.map((file) => `./${file}`)]
  return await Bun.spawn(command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).exited
}
