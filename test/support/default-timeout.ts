// Gives each test file its default timeout; bunfig.toml loads this before any of them. A machine that does much else at once
// is slow, not wrong, so Bun's five seconds are too few. A file that needs longer calls setDefaultTimeout itself.
//
// Bun 1.4.5 takes no timeout from bunfig.toml, and what a preload sets with setDefaultTimeout holds for the first file only,
// unless files are isolated. So each file calls it itself, in a statement put before its first, on the same line.
import { plugin } from 'bun'

const TIMEOUT_MS = 60_000
/** Slow suites (test/support/suite.ts) run for minutes. */
const SLOW_TIMEOUT_MS = 300_000

plugin({
  name: 'default timeout',
  setup(build) {
    build.onLoad({ filter: /\.(test|slow)\.tsx?$/ }, async ({ path }) => {
      const timeoutMs = path.includes('.slow.') ? SLOW_TIMEOUT_MS : TIMEOUT_MS
      const call = `import { setDefaultTimeout as useTimeout } from 'bun:test'; useTimeout(${timeoutMs});`
      return { contents: `${call} ${await Bun.file(path).text()}`, loader: path.endsWith('x') ? 'tsx' : 'ts' }
    })
  },
})
