/*
 * Load by k6, checked end to end: `bun run load [scenario …] [--contract NAME …] [--minutes M] [--users N] [--nodes N] [--url URL]`.
 * Its README says what each scenario does.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../bench/harness/figures.ts'
import { type Usage, watch } from '../bench/harness/usage.ts'
import { provideK6 } from './k6/provide.ts'
import { runK6 } from './k6/run.ts'
import { shown } from './k6/summary.ts'
import { type Options, parseOptions } from './options.ts'
import { login } from './scenarios/login.ts'
import { reconnect } from './scenarios/reconnect.ts'
import { rest } from './scenarios/rest.ts'
import { rooms } from './scenarios/rooms.ts'
import { limits, type Prepared, type Scenario } from './scenarios/scenario.ts'
import { soak } from './scenarios/soak.ts'
import { givenServer, type Servers, startServers, watchMemory } from './servers.ts'

const scenarios: readonly Scenario[] = [rooms, rest, login, reconnect, soak]

/** @returns whether everything held */
async function main(): Promise<boolean> {
  const options = parseOptions(Bun.argv.slice(2))
  const wanted = chosen(options.scenarios)
  const { PATH, HOME, GOPATH, XDG_CACHE_HOME } = process.env
  const k6 = await provideK6({ PATH, HOME, GOPATH, XDG_CACHE_HOME }, console.log)
  const folder = await mkdtemp(join(tmpdir(), 'parley-load-'))
  if (options.url !== null) console.log(`${options.url} must run with ${settings(limits)}, at least.`)

  const failed: string[] = []
  for (const scenario of wanted) failed.push(...(await play(scenario, options, k6, folder)))
  console.log(`All figures: ${folder}`)
  if (failed.length > 0) console.log(`Not everything held: ${failed.join(', ')}`)
  return failed.length === 0
}

/** Resolves to the names of the runs that failed. */
async function play(scenario: Scenario, options: Options, k6: string, folder: string): Promise<string[]> {
  console.log(`\n${scenario.name}: ${scenario.title}`)
  const contracts = scenario.contracts.filter((name) => options.contracts?.includes(name) ?? true)
  if (contracts.length === 0) {
    const reason = `it is for ${scenario.contracts.join(', ')} alone`
    if (options.scenarios.length > 0) throw new Error(`${scenario.name} cannot be run: ${reason}`)
    console.log(`left out: ${reason}`)
    return []
  }
  const { seconds, users } = scenario.usual
  const size = { seconds: options.seconds ?? seconds, users: options.users ?? users, contracts }
  const servers =
    options.url === null
      ? await startServers(options.nodes ?? scenario.nodes, limits)
      : givenServer(options.url)
  const failed: string[] = []
  try {
    for await (const prepared of scenario.runs(size, servers.urls)) {
      if (!(await put(scenario, prepared, servers, k6, folder))) failed.push(prepared.name)
    }
  } finally {
    await servers.close()
  }
  return failed
}

/** Resolves to whether everything held. */
async function put(
  { name, script }: Scenario,
  prepared: Prepared,
  { processes, newErrors }: Servers,
  k6: string,
  folder: string,
): Promise<boolean> {
  const file = prepared.name === name ? name : `${name}-${prepared.name}`
  const usage = watch(processes)
  const memory = watchMemory(processes)
  const run = await runK6(k6, script, prepared.plan, folder, file)
  const [used, grown, logged] = [usage(run.cpuSeconds), memory(), newErrors()]
  const lines = [
    '',
    prepared.what,
    ...shown(run.summary),
    ...run.errors.map((error) => `  ${error}`),
    ...(processes.length === 0 ? [] : [...costs(used), ...grown]),
    ...(logged.length === 0 ? [] : [`  the servers logged ${logged.length} errors:`, ...logged.slice(0, 5)]),
  ]
  console.log(lines.join('\n'))
  return run.passed && logged.length === 0
}

function costs({ seconds, memory, elsewhere }: Usage): string[] {
  const rows = Object.entries(seconds).map(([name, used]) => {
    const bytes = memory[name]
    return [
      `  ${name}`,
      `${used.toFixed(1)} s`,
      bytes === undefined ? '' : `${Math.round(bytes / 2 ** 20)} MiB`,
    ]
  })
  const others = `  (other programs took ${Math.round(100 * elsewhere)} % of the machine)`
  return [...table([['  process', 'CPU', 'memory at the end'], ...rows]), others]
}

function chosen(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name))
  if (unknown.length > 0) {
    const known = scenarios.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`)
    throw new Error(`there is no scenario ${unknown.join(', ')}; there are\n${known.join('\n')}`)
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name))
}

function settings(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))
main().then(
  // The servers that were started end with this process.
  (held) => process.exit(held ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
