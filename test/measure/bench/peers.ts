import manifest from '../../../package.json'
import { startPostgres } from '../../support/postgres-server.ts'
import type { Target as Aim, Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { drive, type Target } from './load/drive.ts'
import { parleyTargets } from './load/parley-targets.ts'
import { centrifugoInMemory, centrifugoOnPostgres } from './peers/centrifugo.ts'
import { channels } from './peers/channels.ts'
import { elysia, socketIo, ws } from './peers/node-and-bun.ts'
import { LeftOut, type Peer, type Promises } from './peers/peer.ts'
import { peersTable, type Row } from './peers/table.ts'

const CLIENTS = 32
/** Of the windows, the one at which costs are shown. */
const COSTS_AT = 256

/** Servers that Parley is held against with one of its contracts, in rounds of their own. */
interface Group {
  readonly contract: 'v1' | 'v2Batched'
  readonly windows: readonly number[]
  readonly others: readonly Other[]
}

interface Other {
  readonly peer: Peer
  /** By window. */
  readonly targets: Readonly<Record<number, number>>
}

const GROUPS: readonly Group[] = [
  // Those that batch frames, as v2 does for clients that ask for it.
  {
    contract: 'v2Batched',
    windows: [32, 256, 1024],
    others: [
      { peer: centrifugoInMemory, targets: { 32: 1, 256: 1.3, 1024: 1.3 } },
      { peer: centrifugoOnPostgres, targets: { 32: 30, 256: 30, 1024: 30 } },
    ],
  },
  // Those that send a frame for each message.
  {
    contract: 'v1',
    windows: [32, 256],
    others: [
      { peer: socketIo, targets: { 32: 6, 256: 12 } },
      { peer: ws, targets: {} },
      { peer: elysia, targets: {} },
      { peer: channels, targets: {} },
    ],
  },
]

/**
 * The same room with each server: raw clients, so that the machine is the servers', and messages of one length, but for the
 * tutorial's of Channels, which are texts alone. What they promise differs more than what they cost: both are in the table.
 */
export const peers: Benchmark = {
  name: 'peers',
  title: `Parley on Postgres with everything stored against other servers, ${CLIENTS} clients in one room, raw clients`,
  async run(options) {
    const parley = await parleyTargets(CLIENTS, await startPostgres())
    const rows: Row[] = []
    const leftOut: [string, string][] = []
    const comparisons: Comparison[] = []
    for (const group of GROUPS) {
      const done = await compare(group, await parley[group.contract](), options, leftOut)
      rows.push(done.parley, ...done.others.map(({ side }) => side))
      comparisons.push(...group.windows.flatMap((window) => comparisonsAt(window, done)))
    }
    const closing = peersTable(
      rows,
      [...new Set(GROUPS.flatMap(({ windows }) => windows))],
      COSTS_AT,
      leftOut,
    )
    return comparisons.map((each, index) => (index === comparisons.length - 1 ? { ...each, closing } : each))
  },
}

const PARLEY: Promises = {
  stores: 'everything, in Postgres',
  order: 'one per room, numbered',
  replay: 'from any age (v2)',
  durable: 'yes',
}

const NAMES = { v1: 'Parley, v1', v2Batched: 'Parley, v2 batched' } as const

/** @param leftOut gets those that cannot be had here */
async function compare(
  { contract, windows, others }: Group,
  target: Target,
  { rounds, seconds }: RunOptions,
  leftOut: [string, string][],
): Promise<Measured> {
  const version = `${manifest.version}, Bun ${Bun.version}`
  const parley: Side = { name: NAMES[contract], version, promises: PARLEY, target, turns: new Map() }
  const running: { side: Side; targets: Other['targets']; remove(): Promise<void> }[] = []
  for (const { peer, targets } of others) {
    const { name, promises } = peer
    try {
      const started = await peer.start(CLIENTS)
      const side = { name, version: started.version, promises, target: started, turns: new Map() }
      running.push({ side, targets, remove: started.remove })
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error
      leftOut.push([name, error.message])
    }
  }
  const sides = [parley, ...running.map(({ side }) => side)]
  for (const window of windows) {
    for (const { turns } of sides) turns.set(window, [])
    for (let round = 0; round < rounds; round++) {
      for (const { target, turns } of sides) {
        turns.get(window)?.push(await drive(target, 'raw', window / CLIENTS, seconds))
      }
    }
  }
  for (const { remove } of running) await remove()
  return { parley, others: running }
}

function comparisonsAt(window: number, { parley, others }: Measured): Comparison[] {
  return others.map(({ side, targets }, place) => ({
    name: `${parley.name}, against ${side.name}, window ${window}`,
    unit: 'deliveries/s',
    by: 'ratio',
    target: aim(targets[window]),
    counted: 'deliveries',
    sides: [parley.name, side.name],
    parley: place === 0 ? turnsOf(parley, window) : turnsOf(parley, window).map(brief),
    limit: turnsOf(side, window),
  }))
}

function aim(least: number | undefined): Aim | null {
  return least === undefined ? null : { least }
}

function turnsOf({ turns }: Side, window: number): readonly Turn[] {
  return turns.get(window) ?? []
}

/** Without the costs, which the first comparison has shown. */
function brief(turn: Turn): Turn {
  return { ...turn, cpu: {}, memory: {} }
}

interface Side extends Row {
  readonly target: Target
  readonly turns: Map<number, Turn[]>
}

interface Measured {
  readonly parley: Side
  readonly others: readonly { readonly side: Side; readonly targets: Other['targets'] }[]
}
