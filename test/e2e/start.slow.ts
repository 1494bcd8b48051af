import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startParley } from '../support/parley-process.ts'
import { openSandbox } from '../support/sandbox/sandbox.ts'
import { until } from '../support/until.ts'
import { killWhileStarting } from './kill-run.ts'
import { launchParley } from './launch.ts'
import { chooseSeed, createRandom } from './random.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-first-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('interrupted first starts do not block the next one', async () => {
  const seed = chooseSeed()
  console.log(`SEED=${seed} repeats these cuts`)
  const random = createRandom(seed)
  const settings = { DATA_DIR: join(folder, 'cut') }
  for (let cut = 1; cut <= 6; cut++) await killWhileStarting(settings, random.below(FIRST_START_MS))
  const parley = await startParley(settings)
  expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
  expect(await parley.stop()).toBe(0)
  await parley.remove()
}, 120_000)

test('of two simultaneous first starts in one folder, one serves and the other says why it does not', async () => {
  const sandbox = await openSandbox('twins')
  const settings = { DATA_DIR: join(folder, 'shared') }
  const twins = await Promise.all(['one', 'other'].map((name) => launchParley(sandbox, settings, { name })))
  const ready = () => twins.filter((twin) => twin.output().includes('"msg":"ready"'))
  await until(() => ready().length === 1, 'one of them to be ready', 60_000)
  const [late, ...more] = twins.filter((twin) => !ready().includes(twin))
  expect(more).toEqual([])
  expect(await late?.exited()).toBe(1)
  expect(late?.output()).toMatch(/^parley: DATA_DIR: \S+ is in use by another server[^\n]*\n$/)
  expect(await ready()[0]?.stop('SIGTERM')).toBe(0)
  await sandbox.remove()
}, 120_000)

/** About what a first start takes on a machine with nothing else to do. */
const FIRST_START_MS = 2000
