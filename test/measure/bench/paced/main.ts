/*
 * A load at a steady rate, a process of its own: reads a plan from its standard input and prints the outcome, both JSON.
 */
import { Value } from '@sinclair/typebox/value'
import { watch } from '../harness/usage.ts'
import { textFrame } from '../load/frames.ts'
import { openRawSocket, type RawSocket } from '../load/raw-socket.ts'
import {
  BYTES_BEHIND_BODY,
  isOf,
  LIVE,
  MESSAGE,
  RESULT,
  refuseErrors,
  subscribeFrame,
} from '../load/v2-frames.ts'
import { Pacer } from './pacer.ts'
import { PacedPlan, type Step } from './plan.ts'
import { DIGITS, Stopwatch } from './stopwatch.ts'

const PATIENCE_MS = 10_000

async function run(plan: PacedPlan, failed: (error: Error) => void): Promise<Step[]> {
  const stopwatch = new Stopwatch()
  let [answers, deliveries, live] = [0, 0, 0]

  function answered(bytes: Uint8Array, start: number, end: number): void {
    if (isOf(RESULT, bytes, start)) answers++
    else refuseErrors(bytes, start, end)
  }

  async function listen({ url, group }: PacedPlan['listeners'][number]): Promise<void> {
    const socket = await openRawSocket(new URL(url), {
      failed,
      idle: () => undefined,
      frame(bytes, start, end) {
        if (isOf(MESSAGE, bytes, start)) {
          deliveries++
          stopwatch.heard(group, bytes, end - BYTES_BEHIND_BODY - DIGITS)
        } else if (isOf(LIVE, bytes, start)) live++
        else refuseErrors(bytes, start, end)
      },
    })
    socket.write(textFrame(subscribeFrame(plan.room)))
  }

  const senders: RawSocket[] = []
  for (const url of plan.senders) {
    senders.push(await openRawSocket(new URL(url), { failed, idle: () => undefined, frame: answered }))
  }
  for (const listener of plan.listeners) await listen(listener)
  await until(() => live === plan.listeners.length, 'every listener is live')

  const pacer = new Pacer(senders, plan.room, stopwatch)
  const steps: Step[] = []
  for (const step of plan.steps) {
    pacer.start(step)
    await Bun.sleep(steps.length === 0 ? plan.warmUpMs : SETTLE_MS)
    stopwatch.take()
    const [usage, own, sentBefore, deliveriesBefore] = [
      watch(plan.processes),
      process.cpuUsage(),
      pacer.sent,
      deliveries,
    ]
    await Bun.sleep(step.ms)
    const { user, system } = process.cpuUsage(own)
    steps.push({
      sent: pacer.sent - sentBefore,
      deliveries: deliveries - deliveriesBefore,
      usage: usage((user + system) / 1e6),
      delays: stopwatch.take(),
    })
  }
  pacer.stop()
  // Each message once at each listener, or the figures are of something else.
  const due = pacer.sent * plan.listeners.length
  const all = () => answers >= pacer.sent && deliveries >= due
  await until(all, `${pacer.sent} sends are answered, and heard by ${plan.listeners.length}`)
  if (answers > pacer.sent || deliveries > due) throw new Error(`${deliveries} deliveries of ${due}`)
  return steps
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`after ${PATIENCE_MS} ms it is not yet so that ${what}`)
    await Bun.sleep(5)
  }
}

/** After a change of the rate. */
const SETTLE_MS = 100

const failure = Promise.withResolvers<never>()
const plan = Value.Parse(PacedPlan, await Bun.stdin.json())
const outcome = await Promise.race([run(plan, failure.reject), failure.promise])
process.stdout.write(JSON.stringify(outcome))
process.exit(0)
