import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import type { Turn } from '../harness/benchmark.ts'
import { perMillion, type Usage, type Watched, watch } from '../harness/usage.ts'
import { HttpOutcome, type HttpPlan } from './http-plan.ts'

/** What is asked for, and whose resources answering it uses. */
export interface HttpTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly processes: readonly Watched[]
}

/** One turn of a target, as a comparison has it. */
export async function driveHttp(target: HttpTarget, connections: number, seconds: number): Promise<Turn> {
  const { answers, seconds: took, allAnswers, usage } = await askHttp(target, connections, seconds)
  const { memory, elsewhere } = usage
  return { value: answers / took, cpu: perMillion(usage, allAnswers), memory, elsewhere }
}

/** The same, as it was measured: a fresh load process, its warm-up, its measuring. */
export async function askHttp(
  target: HttpTarget,
  connections: number,
  seconds: number,
): Promise<HttpOutcome & { readonly usage: Usage }> {
  const { url, headers, processes } = target
  const plan: HttpPlan = { url, headers, connections, warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 }
  const usage = watch(processes)
  const load = Bun.spawn([process.execPath, '--no-env-file', LOAD], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'pipe', 'inherit'],
  })
  const [code, text] = await Promise.all([load.exited, load.stdout.text()])
  if (code !== 0) throw new Error('the load has failed')
  const outcome = Value.Parse(HttpOutcome, JSON.parse(text))
  return { ...outcome, usage: usage(outcome.cpuSeconds) }
}

const LOAD = join(import.meta.dir, 'http-load.ts')
const WARM_UP_MS = 500
