import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { median } from './harness/figures.ts'
import { perMillion } from './harness/usage.ts'
import { drivePaced } from './paced/drive.ts'
import { type Fleet, startFleet } from './paced/fleet.ts'
import type { PacedPlan, Step } from './paced/plan.ts'

const SENDERS = 4
const LISTENERS = 32
/** What sends and listeners cost depends on how many messages come at once, so that is fixed rather than left to the load. */
const COST_STEPS = [
  { perSecond: 500, atOnce: 1 },
  { perSecond: 8000, atOnce: 16 },
]
const DELAY_STEPS = [
  { perSecond: 200, atOnce: 1 },
  { perSecond: 2000, atOnce: 1 },
]
/** On each node, where delays are measured: few, so that it is not the load that is waited for. */
const WAITING = 4
const WARM_UP_MS = 300
/** Of the seconds of a turn, for each of its two steps: there are three turns a round to find the costs. */
const STEP_SHARE = 0.8
const DELAY_SHARE = 0.5

const MOST_COST = 1.3
const MOST_DELAY_MS = 2

/**
 * The first node takes all sends and has no listeners, the second has all listeners and takes no sends. So the second one's
 * CPU is what delivering costs there: reading from Redis, decoding, ordering, encoding, publishing. It is held against what
 * the same deliveries cost one node, which takes the sends as well. The next row takes off what the sends cost it: what is
 * left is mere publishing, in a turn of the event loop that the send has paid for, where the second node has to be woken up.
 */
export const nodes: Benchmark = {
  name: 'nodes',
  title: `v2, ${LISTENERS} listeners of a room on a second node, over Redis, against the same on one node without Redis`,
  async run(options) {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const users = SENDERS + LISTENERS
    const pair = await startFleet(['node 1', 'node 2'], users, postgres, redis)
    const single = await startFleet(['node'], users, postgres, null)
    return [...(await costs(pair, single, options)), ...(await delays(pair, options))]
  },
}

async function costs(pair: Fleet, single: Fleet, { rounds, seconds }: RunOptions): Promise<Comparison[]> {
  const turn = (fleet: Fleet, urls: readonly string[]) => {
    const listeners = urls.map((url) => ({ url, group: 'all' }))
    return drivePaced(planOf(fleet, listeners, COST_STEPS, seconds * STEP_SHARE))
  }
  const found = COST_STEPS.map((): Round[] => [])
  for (let round = 0; round < rounds; round++) {
    const apart = await turn(pair, pair.sockets(1, SENDERS, LISTENERS))
    const together = await turn(single, single.sockets(0, SENDERS, LISTENERS))
    const unheard = await turn(single, [])
    for (const [index, results] of found.entries()) {
      results.push({
        apart: stepOf(apart, index),
        together: stepOf(together, index),
        unheard: stepOf(unheard, index),
      })
    }
  }
  return COST_STEPS.flatMap(({ atOnce }, index) => costComparisons(atOnce, found[index] ?? []))
}

function costComparisons(atOnce: number, rounds: readonly Round[]): Comparison[] {
  const each = (turnOf: (round: Round) => Turn) => rounds.map(turnOf)
  const perSend = median(rounds.map(({ unheard }) => secondsOf(unheard, 'node') / unheard.sent))
  const common = { unit: 's per million', by: 'ratio', target: null, counted: 'deliveries' } as const
  return [
    {
      ...common,
      name: `CPU of deliveries, ${atOnce} at once`,
      target: { most: MOST_COST },
      sides: ['node 2', 'one node'],
      parley: each(({ apart }) => delivered(apart, secondsOf(apart, 'node 2'))),
      limit: each(({ together }) => delivered(together, secondsOf(together, 'node'))),
    },
    {
      ...common,
      name: `${atOnce} at once, less what sends cost`,
      sides: ['node 2', 'one node, less its sends'],
      parley: each(({ apart }) => brief(delivered(apart, secondsOf(apart, 'node 2')))),
      limit: each(({ together }) =>
        brief(delivered(together, secondsOf(together, 'node') - perSend * together.sent)),
      ),
    },
    {
      ...common,
      name: `${atOnce} at once, sends on both sides`,
      sides: ['both nodes', 'one node'],
      parley: each(({ apart }) => brief(delivered(apart, ofBoth(apart)))),
      limit: each(({ together }) => brief(delivered(together, secondsOf(together, 'node')))),
    },
    {
      ...common,
      name: `CPU of sends, ${atOnce} at once`,
      counted: 'sends',
      sides: ['node 1, with Redis', 'one node, unheard'],
      parley: each(({ apart }) => sent(apart, secondsOf(apart, 'node 1'))),
      limit: each(({ unheard }) => sent(unheard, secondsOf(unheard, 'node'))),
    },
  ]
}

async function delays(pair: Fleet, { rounds, seconds }: RunOptions): Promise<Comparison[]> {
  const listeners = ['node 1', 'node 2'].flatMap((group, node) =>
    pair.sockets(node, SENDERS + node * WAITING, WAITING).map((url) => ({ url, group })),
  )
  const found = DELAY_STEPS.map((): Step[] => [])
  for (let round = 0; round < rounds; round++) {
    const steps = await drivePaced(planOf(pair, listeners, DELAY_STEPS, seconds * DELAY_SHARE))
    for (const [index, results] of found.entries()) results.push(stepOf(steps, index))
  }
  return DELAY_STEPS.flatMap(({ perSecond }, index) =>
    (['p50', 'p99'] as const).map((part) => delayComparison(perSecond, part, found[index] ?? [])),
  )
}

function delayComparison(perSecond: number, part: 'p50' | 'p99', steps: readonly Step[]): Comparison {
  const turns = (group: string) =>
    steps.map(({ delays, usage }) => {
      const value = delays[group]?.[part] ?? Number.NaN
      return { value, cpu: {}, memory: {}, elsewhere: usage.elsewhere }
    })
  return {
    name: `${part} from send to delivery, ${perSecond} sends/s`,
    unit: 'ms',
    by: 'difference',
    target: part === 'p50' ? { most: MOST_DELAY_MS } : null,
    counted: '',
    sides: ['other node', 'same node'],
    parley: turns('node 2'),
    limit: turns('node 1'),
  }
}

function planOf(
  fleet: Fleet,
  listeners: PacedPlan['listeners'],
  steps: readonly { readonly perSecond: number; readonly atOnce: number }[],
  seconds: number,
): PacedPlan {
  return {
    room: fleet.room,
    senders: fleet.sockets(0, 0, SENDERS),
    listeners,
    processes: [...fleet.processes],
    warmUpMs: WARM_UP_MS,
    steps: steps.map((step) => ({ ...step, ms: seconds * 1000 })),
  }
}

function ofBoth(apart: Step): number {
  return secondsOf(apart, 'node 1') + secondsOf(apart, 'node 2')
}

function secondsOf({ usage }: Step, process: string): number {
  return usage.seconds[process] ?? Number.NaN
}

function delivered({ usage, deliveries }: Step, seconds: number): Turn {
  return turnOf(usage, deliveries, seconds)
}

function sent({ usage, sent }: Step, seconds: number): Turn {
  return turnOf(usage, sent, seconds)
}

function turnOf(usage: Step['usage'], counted: number, seconds: number): Turn {
  const { memory, elsewhere } = usage
  return { value: seconds / (counted / 1e6), cpu: perMillion(usage, counted), memory, elsewhere }
}

/** Without what another comparison shows of the same turn. */
function brief({ value, elsewhere }: Turn): Turn {
  return { value, cpu: {}, memory: {}, elsewhere }
}

function stepOf(steps: readonly Step[], index: number): Step {
  const step = steps[index]
  if (step === undefined) throw new Error('the load left out a step')
  return step
}

interface Round {
  /** Senders on one node, listeners on the other. */
  readonly apart: Step
  /** Both on one node that is alone. */
  readonly together: Step
  /** The senders by themselves on one node that is alone. */
  readonly unheard: Step
}
