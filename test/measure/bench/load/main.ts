/*
 * The load of the fan-out benchmarks, a process of its own: reads a plan from its standard input and prints the
 * outcome, both JSON.
 */
import { Value } from '@sinclair/typebox/value'
import type { Member } from './member.ts'
import { Meter } from './meter.ts'
import { type Outcome, Plan } from './plan.ts'
import { openRawClient } from './raw-client.ts'
import { openStandardClient } from './standard-client.ts'

async function run(plan: Plan): Promise<Outcome> {
  const failure = Promise.withResolvers<never>()
  const meter = new Meter(plan)
  const work = async () => {
    const members: Member[] = []
    for (const client of plan.clients) {
      const member = meter.member(client)
      const open = plan.client === 'raw' ? openRawClient : openStandardClient
      const { parts, mostParts } = plan.wire
      const socket = await open(
        new URL(client.url),
        { request: client.frame, parts, mostParts },
        {
          frame: (bytes, start, end) => member.frame(bytes, start, end),
          text: (data) => member.text(data),
          idle: () => member.idle(),
          failed: failure.reject,
        },
      )
      members.push(member)
      member.attach(socket)
    }
    await meter.greeted()
    for (const member of members) member.begin()
    await Bun.sleep(plan.warmUpMs)
    const [from, deliveriesBefore] = [performance.now(), meter.deliveries]
    await Bun.sleep(plan.measureMs)
    const [to, deliveriesAfter] = [performance.now(), meter.deliveries]
    await meter.finished()
    const { user, system } = process.cpuUsage()
    return {
      deliveries: deliveriesAfter - deliveriesBefore,
      seconds: (to - from) / 1000,
      allDeliveries: meter.deliveries,
      cpuSeconds: (user + system) / 1e6,
    }
  }
  const patience = plan.warmUpMs + plan.measureMs + 10_000
  const alarm = setTimeout(() => failure.reject(new Error(`not done after ${patience} ms`)), patience)
  try {
    return await Promise.race([work(), failure.promise])
  } finally {
    clearTimeout(alarm)
  }
}

const outcome = await run(Value.Parse(Plan, await Bun.stdin.json()))
process.stdout.write(JSON.stringify(outcome))
process.exit(0)
