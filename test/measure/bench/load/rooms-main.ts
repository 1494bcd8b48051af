/*
 * The load of benchmarks with rooms of many sizes, a process of its own: reads a plan, says when its clients are there, and
 * then, for each turn that it is told of, what came of it. One line of JSON each.
 */
import { Value } from '@sinclair/typebox/value'
import { delaysOf } from './delays.ts'
import { openRoomClients } from './room-clients.ts'
import { RoomTraffic } from './room-traffic.ts'
import { RoomsPlan, type TurnOutcome, TurnPlan } from './rooms-plan.ts'

const PATIENCE_MS = 15_000

async function turn(all: RoomTraffic, { traffic, warmUpMs, measureMs }: TurnPlan): Promise<TurnOutcome> {
  const { deliveries } = all
  const own = process.cpuUsage()
  const [sentBefore, heardBefore] = [deliveries.sent, deliveries.heard]
  all.start(traffic)
  await Bun.sleep(warmUpMs)
  deliveries.measure()
  const [from, doneFrom, heardFrom] = [performance.now(), deliveries.done, deliveries.heard]
  await Bun.sleep(measureMs)
  const [to, doneTo, heardTo] = [performance.now(), deliveries.done, deliveries.heard]
  deliveries.stopMeasuring()
  all.stop()
  const deadline = performance.now() + PATIENCE_MS
  while (deliveries.done < deliveries.sent) {
    if (performance.now() > deadline) {
      throw new Error(
        `${deliveries.done} of ${deliveries.sent} messages reached everyone within ${PATIENCE_MS} ms`,
      )
    }
    await Bun.sleep(5)
  }
  const { user, system } = process.cpuUsage(own)
  return {
    sends: doneTo - doneFrom,
    deliveries: heardTo - heardFrom,
    seconds: (to - from) / 1000,
    allSends: deliveries.sent - sentBefore,
    allDeliveries: deliveries.heard - heardBefore,
    cpuSeconds: (user + system) / 1e6,
    delays: delaysOf(deliveries.delays()),
  }
}

async function run(failed: (error: Error) => void): Promise<void> {
  let traffic: RoomTraffic | null = null
  for await (const line of console) {
    // The end of the input comes as an empty line.
    if (line === '') break
    const told: unknown = JSON.parse(line)
    if (traffic === null) {
      const plan = Value.Parse(RoomsPlan, told)
      const opening = new RoomTraffic(plan)
      opening.attach(await openRoomClients(plan, (...heard) => opening.hear(...heard), failed))
      traffic = opening
      say({ ready: true })
    } else say(await turn(traffic, Value.Parse(TurnPlan, told)))
  }
}

function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

const failure = Promise.withResolvers<never>()
await Promise.race([run(failure.reject), failure.promise])
process.exit(0)
