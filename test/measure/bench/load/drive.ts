import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import type { Turn } from '../harness/benchmark.ts'
import { perMillion, type Watched, watch } from '../harness/usage.ts'
import { Outcome, type Plan } from './plan.ts'

/** A server under load: how to reach it, and whose resources it uses. */
export interface Target {
  readonly clients: Plan['clients']
  readonly wire: Plan['wire']
  readonly processes: readonly Watched[]
}

/**
 * One turn of a target: a fresh load process, its warm-up, its measuring.
 * @throws Error where a client has not received as many messages as were sent, at the end
 */
export async function drive(
  target: Target,
  client: Plan['client'],
  inFlight: number,
  seconds: number,
  warmUpMs = 750,
): Promise<Turn> {
  const { clients, wire, processes } = target
  const plan: Plan = { clients, client, wire, inFlight, warmUpMs, measureMs: seconds * 1000 }
  const usage = watch(processes)
  const load = Bun.spawn([process.execPath, '--no-env-file', LOAD], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'pipe', 'inherit'],
  })
  const [code, text] = await Promise.all([load.exited, load.stdout.text()])
  if (code !== 0) throw new Error('the load has failed')
  const outcome = Value.Parse(Outcome, JSON.parse(text))
  const used = usage(outcome.cpuSeconds)
  return {
    value: outcome.deliveries / outcome.seconds,
    cpu: perMillion(used, outcome.allDeliveries),
    memory: used.memory,
    elsewhere: used.elsewhere,
  }
}

const LOAD = join(import.meta.dir, 'main.ts')
