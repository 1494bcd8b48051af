import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { type Usage, type Watched, watch } from '../harness/usage.ts'
import { RequestsOutcome, type RequestsPlan } from './requests-plan.ts'

export interface RequestsTurn extends RequestsOutcome {
  readonly usage: Usage
}

/** One turn: a load process of its own, which ends with it. */
export async function driveRequests(
  { url, token, connections }: Pick<RequestsPlan, 'url' | 'token' | 'connections'>,
  processes: readonly Watched[],
  seconds: number,
): Promise<RequestsTurn> {
  const plan: RequestsPlan = { url, token, connections, warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 }
  const usage = watch(processes)
  const load = Bun.spawn([process.execPath, '--no-env-file', LOAD], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'pipe', 'inherit'],
  })
  const [code, text] = await Promise.all([load.exited, load.stdout.text()])
  if (code !== 0) throw new Error('the load has failed')
  const outcome = Value.Parse(RequestsOutcome, JSON.parse(text))
  return { ...outcome, usage: usage(outcome.cpuSeconds) }
}

const LOAD = join(import.meta.dir, 'requests-main.ts')
const WARM_UP_MS = 500
