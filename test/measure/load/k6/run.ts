/* One run of a script. */
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { Summary } from './summary.ts'

export interface Run {
  /** Whether every threshold was met. */
  readonly passed: boolean
  readonly summary: Summary
  readonly cpuSeconds: number
  /** The first errors that the script logged. */
  readonly errors: readonly string[]
}

export type Script = 'talk' | 'rest' | 'login'

/**
 * Runs a script on a plan. Its log, its figures as JSON and, unless it was very short, as a page are left in the folder.
 * @throws if k6 could not run it to its end
 */
export async function runK6(
  k6: string,
  script: Script,
  plan: object,
  folder: string,
  name: string,
): Promise<Run> {
  const file = (ending: string) => join(folder, `${name}.${ending}`)
  await Bun.write(file('plan.json'), JSON.stringify(plan))
  const flags = ['--quiet', '--no-color', '--address', '', `--log-output=file=${file('log')}`]
  const child = Bun.spawn([k6, 'run', ...flags, join(import.meta.dir, '../scripts', `${script}.ts`)], {
    env: {
      ...process.env,
      ...QUIET,
      PLAN: file('plan.json'),
      SUMMARY: file('json'),
      ...pageIn(file('html')),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // It ends with the program that reads its figures.
  const end = () => child.kill()
  process.once('exit', end)
  const code = await child.exited
  process.off('exit', end)
  const log = Bun.file(file('log'))
  const lines = (await log.exists()) ? (await log.text()).split('\n') : []
  const errors = lines.filter((line) => line.includes('level=error') && !line.includes('thresholds on'))
  if (code !== 0 && code !== THRESHOLDS_CROSSED)
    throw new Error(`k6 ended with ${code}:\n${lines.slice(-20).join('\n')}`)
  const summary = Value.Parse(Summary, await Bun.file(file('json')).json())
  const { user = 0, system = 0 } = child.resourceUsage()?.cpuTime ?? {}
  return {
    passed: code === 0,
    summary,
    cpuSeconds: (Number(user) + Number(system)) / 1e6,
    errors: errors.slice(0, 5),
  }
}

const THRESHOLDS_CROSSED = 99

/** Keeps k6 from reporting its runs and from downloading anything. */
const QUIET = { K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' }

/** k6's own page of figures. With this port it serves none. */
function pageIn(file: string) {
  return {
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    K6_WEB_DASHBOARD_PERIOD: '2s',
    K6_WEB_DASHBOARD_EXPORT: file,
  }
}
