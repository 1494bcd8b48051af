/* Finds k6, or builds it. */
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The parts of the environment that say where programs are. */
export interface Surroundings {
  readonly PATH?: string | undefined
  readonly HOME?: string | undefined
  readonly GOPATH?: string | undefined
  readonly XDG_CACHE_HOME?: string | undefined
}

/** The version that is installed if there is none: the newest that the scripts were run with. */
export const K6_VERSION = '1.8.1'
/** The first version with TypeScript, and with sockets under the name that the scripts use. */
const LEAST = { major: 1, minor: 6 }

/**
 * Resolves to the path of a k6 that can run the scripts: from the PATH, from where Go puts programs, or from the cache,
 * into which it is built if Go is installed.
 * @param tell gets one line if it will take long
 * @param usualGo where Go is if it is not on the PATH
 * @throws Error with one line that says how to install k6
 */
export async function provideK6(
  env: Surroundings,
  tell: (line: string) => void,
  usualGo = '/usr/local/go/bin',
): Promise<string> {
  const cache = join(env.XDG_CACHE_HOME ?? tmpdir(), 'parley-load', `k6-${K6_VERSION}`)
  const goPaths = (env.GOPATH ?? '').split(':').map((path) => subfolder(path))
  const folders = [env.PATH, ...goPaths, subfolder(env.HOME, 'go'), cache]
  for (const folder of folders) {
    const program = folder === undefined ? null : Bun.which('k6', { PATH: folder })
    if (program !== null && (await suits(program))) return program
  }

  const go = Bun.which('go', { PATH: [env.PATH, usualGo].join(':') })
  if (go === null) throw new Error(`k6 ${LEAST.major}.${LEAST.minor} or later is not there: ${ADVICE}`)
  tell(`Building k6 ${K6_VERSION} into ${cache}; this takes some minutes, once.`)
  await build(go, cache, env)
  const built = join(cache, 'k6')
  if (!(await suits(built))) throw new Error(`the k6 that was built does not run: ${ADVICE}`)
  return built
}

const ADVICE =
  'install it from https://grafana.com/docs/k6/latest/set-up/install-k6/, or install Go, which can build it'

function subfolder(base: string | undefined, ...names: string[]): string | undefined {
  return base === undefined || base === '' ? undefined : join(base, ...names, 'bin')
}

async function suits(program: string): Promise<boolean> {
  const child = Bun.spawn([program, 'version'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [text, code] = await Promise.all([child.stdout.text(), child.exited])
  const [, major, minor] = /^k6(?:\.exe)? v(\d+)\.(\d+)\./.exec(text) ?? []
  if (code !== 0 || major === undefined) return false
  return Number(major) > LEAST.major || (Number(major) === LEAST.major && Number(minor) >= LEAST.minor)
}

async function build(go: string, folder: string, env: Surroundings): Promise<void> {
  await mkdir(folder, { recursive: true })
  const surroundings = { ...process.env, ...env, GOBIN: folder }
  const child = Bun.spawn([go, 'install', `go.k6.io/k6@v${K6_VERSION}`], {
    env: surroundings,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [errors, code] = await Promise.all([child.stderr.text(), child.exited])
  const reason = errors.trim().split('\n').at(-1)
  if (code !== 0) throw new Error(`k6 cannot be built (${reason}): ${ADVICE}`)
}
