// Runs the suites that are too slow for every run: test/**/*.slow.ts, which `bun test` passes over.
// With arguments, only those whose path holds one of them. A single one also runs with `bun test ./test/….slow.ts`.
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')
const wanted = process.argv.slice(2)
const files = (await Array.fromAsync(new Bun.Glob('test/**/*.slow.ts').scan(root)))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) {
  console.error('there is no such slow suite')
  process.exit(wanted.length === 0 ? 0 : 1)
}
const command = [process.execPath, 'test', ...files.map((file) => `./${file}`)]
process.exit(await Bun.spawn(command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).exited)
