import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import type { Turn } from '../harness/benchmark.ts'
import { perMillion, type Usage, type Watched, watch } from '../harness/usage.ts'
import { startProgram } from './program.ts'
import { type RoomsPlan, type Traffic, TurnOutcome, type TurnPlan } from './rooms-plan.ts'

/** Rooms full of clients, and the processes that serve them. */
export interface RoomsTarget extends RoomsPlan {
  readonly processes: readonly Watched[]
}

/** Clients that stay connected from turn to turn, in a process of their own. */
export interface RoomsLoad {
  readonly pid: number
  turn(traffic: Traffic, seconds: number): Promise<RoomsTurn>
  close(): Promise<void>
}

export interface RoomsTurn extends TurnOutcome {
  readonly usage: Usage
}

const WARM_UP_MS = 500
const WARM_UP_IN_FLIGHT = 256
const WARM_UP_SECONDS = 3

/** Resolves once every client hears its room. */
export async function openRoomsLoad({ rooms, processes }: RoomsTarget): Promise<RoomsLoad> {
  const program = startProgram(join(import.meta.dir, 'rooms-main.ts'))
  await program.ask({ rooms } satisfies RoomsPlan)
  return {
    pid: program.pid,
    async turn(traffic, seconds) {
      const usage = watch(processes)
      const plan: TurnPlan = { traffic, warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 }
      const outcome = Value.Parse(TurnOutcome, await program.ask(plan))
      return { ...outcome, usage: usage(outcome.cpuSeconds) }
    },
    close: () => program.end(),
  }
}

/**
 * Sends as much as goes through, unmeasured, so that what a message goes through has been compiled by the time that anything is
 * measured: that is work of other threads, for seconds on end, and counts as the server's.
 */
export async function warmUp(target: RoomsTarget): Promise<void> {
  const load = await openRoomsLoad(target)
  await load.turn({ mode: 'in flight', count: WARM_UP_IN_FLIGHT }, WARM_UP_SECONDS)
  await load.close()
}

/** As what the load's clients have heard in a second, with what that cost. */
export function deliveriesOf({ deliveries, seconds, allDeliveries, usage }: RoomsTurn): Turn {
  const { memory, elsewhere } = usage
  return { value: deliveries / seconds, cpu: perMillion(usage, allDeliveries), memory, elsewhere }
}
