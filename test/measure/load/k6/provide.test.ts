// With programs that only look like k6 and Go: which one is chosen, and what the error says if there is none.
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { K6_VERSION, provideK6, type Surroundings } from './provide.ts'

let folder = ''
let told: string[] = []
beforeEach(async () => {
  told = []
  folder = await mkdtemp(join(tmpdir(), 'parley-k6-'))
})
afterEach(() => rm(folder, { recursive: true }))

const k6 = (version: string) => `echo "k6 v${version} (go1.26.8, linux/amd64)"`
const good = k6(K6_VERSION)
const cached = () => join(folder, 'cache/parley-load', `k6-${K6_VERSION}`)

test('k6 is taken from the PATH first, then from where Go puts programs, then from the cache', async () => {
  const inCache = await program(cached(), 'k6', good)
  expect(await provide()).toBe(inCache)
  const inHome = await program(join(folder, 'home/go/bin'), 'k6', good)
  expect(await provide()).toBe(inHome)
  const inGoPath = await program(join(folder, 'gopath/bin'), 'k6', good)
  expect(await provide()).toBe(inGoPath)
  const onPath = await program(join(folder, 'bin'), 'k6', good)
  expect(await provide()).toBe(onPath)
})

test.each([k6('1.5.0'), k6('0.57.0'), 'echo "something else"', 'exit 1'])(
  'one that prints %j is skipped',
  async (script) => {
    await program(join(folder, 'bin'), 'k6', script)
    await expect(provide()).rejects.toThrow('k6 1.6 or later is not there: install it from https://')
    const inHome = await program(join(folder, 'home/go/bin'), 'k6', k6('2.0.0'))
    expect(await provide()).toBe(inHome)
  },
)

test('if Go is installed, it is built into the cache, once', async () => {
  const build = `echo "$@" >>${folder}/asked; printf '#!/bin/sh\\n%s\\n' '${good}' >"$GOBIN/k6"; chmod +x "$GOBIN/k6"`
  await program(join(folder, 'usual'), 'go', build)
  const built = join(cached(), 'k6')
  expect(await provide()).toBe(built)
  expect(await provide()).toBe(built)
  expect(await Bun.file(join(folder, 'asked')).text()).toBe(`install go.k6.io/k6@v${K6_VERSION}\n`)
  expect(told).toEqual([expect.stringContaining(`Building k6 ${K6_VERSION} into ${cached()}`)])
})

test('if Go cannot build it, one line says why', async () => {
  await program(join(folder, 'bin'), 'go', 'echo downloading >&2; echo no such host >&2; exit 1')
  const message = await provide().then(String, (error: Error) => error.message)
  expect(message).toStartWith('k6 cannot be built (no such host): install it from https://')
  expect(message).not.toContain('\n')
})

function provide(): Promise<string> {
  const env: Surroundings = {
    PATH: join(folder, 'bin'),
    HOME: join(folder, 'home'),
    GOPATH: join(folder, 'gopath'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  }
  return provideK6(env, (line) => told.push(line), join(folder, 'usual'))
}

/** A shell script as a program. @returns its path */
async function program(place: string, name: string, script: string): Promise<string> {
  await mkdir(place, { recursive: true })
  const path = join(place, name)
  await Bun.write(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`)
  await chmod(path, 0o755)
  return path
}
