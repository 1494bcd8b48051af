import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { PacedOutcome, type PacedPlan, type Step } from './plan.ts'

/** One turn: a load process of its own, which ends with it. @returns what came of each of the plan's steps */
export async function drivePaced(plan: PacedPlan): Promise<Step[]> {
  const load = Bun.spawn([process.execPath, '--no-env-file', LOAD], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'pipe', 'inherit'],
  })
  const [code, text] = await Promise.all([load.exited, load.stdout.text()])
  if (code !== 0) throw new Error('the load has failed')
  return Value.Parse(PacedOutcome, JSON.parse(text))
}

const LOAD = join(import.meta.dir, 'main.ts')
