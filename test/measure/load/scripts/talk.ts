/*
 * Clients send and listen. Each message holds its sender, its place among the sender's messages and the time. So each listener knows by
 * itself what was lost, repeated or out of order, and how long each message took.
 *
 * k6 wants a script's options and data at the top of its module.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import type { Seat, TalkRules } from '../plan.ts'
import { attend } from './client.ts'
import { readPlan } from './plan-file.ts'

export { handleSummary } from './summary.ts'

const { items: seats, rules } = readPlan<Seat, TalkRules>()
const { connectMs, talkMs, thresholds } = rules
const PATIENCE_MS = 30_000

export const options: Options = {
  scenarios: {
    talk: {
      executor: 'per-vu-iterations',
      vus: seats.length,
      iterations: 1,
      maxDuration: `${connectMs + talkMs + 2 * PATIENCE_MS}ms`,
    },
  },
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  thresholds,
}

export function setup(): { readonly begin: number } {
  return { begin: Date.now() + connectMs }
}

export default async function talk({ begin }: { readonly begin: number }): Promise<void> {
  const index = exec.scenario.iterationInTest
  const end = begin + talkMs
  // One after the other, well before the talk begins. Absences test many clients that connect at once.
  const connect = begin - connectMs * (1 - (0.6 * index) / seats.length)
  await attend(seatAt(index), { connect, begin, end, giveUp: end + PATIENCE_MS })
}

function seatAt(index: number): Seat {
  const seat = seats[index]
  if (seat === undefined) throw new Error(`there is no seat ${index}`)
  return seat
}
