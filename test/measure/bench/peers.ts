import manifest from '../../../package.json'
import { startPostgres } from '../../support/postgres-server.ts'
import type { Benchmark, Comparison, RunOptions, Turn } from './harness/benchmark.ts'
import { drive, type Target } from './load/drive.ts'
import { parleyTarget } from './load/targets.ts'
import { channels } from './peers/channels.ts'
import { elysia, socketIo, ws } from './peers/node-and-bun.ts'
import { LeftOut, type Peer, type Promises } from './peers/peer.ts'
import { peersTable } from './peers/table.ts'

const CLIENTS = 32
const WINDOWS = [32, 256]
const OTHERS: readonly Peer[] = [socketIo, ws, elysia, channels]

/** At the last window: all of Parley against what is most often taken for the same purpose. */
const TARGET = { peer: socketIo.name, least: 8 }

/**
 * The same room with each server: raw clients, so that the machine is the servers', and messages of one length, but for the
 * tutorial's of Channels, which are texts alone. What they promise differs more than what they cost: both are in the table.
 */
export const peers: Benchmark = {
  name: 'peers',
  title: `contract v1 on Postgres with everything stored against other servers, ${CLIENTS} clients in one room`,
  run: compare,
}

const PARLEY: Promises = {
  stores: 'everything, in Postgres',
  order: 'one per room, numbered',
  replay: 'from any age (v2)',
  durable: 'yes',
}

async function compare({ rounds, seconds }: RunOptions): Promise<Comparison[]> {
  const target = await parleyTarget(CLIENTS, await startPostgres())
  const parley = measured('Parley', `${manifest.version}, Bun ${Bun.version}`, PARLEY, target)
  const others: Measured[] = []
  const leftOut: [string, string][] = []
  for (const { name, promises, start } of OTHERS) {
    try {
      const running = await start(CLIENTS)
      others.push(measured(name, running.version, promises, running))
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error
      leftOut.push([name, error.message])
    }
  }
  const all = [parley, ...others]
  for (const [index, window] of WINDOWS.entries()) {
    for (let round = 0; round < rounds; round++) {
      for (const { target, turns } of all) {
        turns[index]?.push(await drive(target, 'raw', window / CLIENTS, seconds))
      }
    }
  }
  const comparisons = WINDOWS.flatMap((_, index) =>
    others.map((other, place) => comparison(index, place === 0 ? parley : brief(parley), other)),
  )
  const closing = peersTable(all, WINDOWS, leftOut)
  return comparisons.map((each, index) => (index === comparisons.length - 1 ? { ...each, closing } : each))
}

function comparison(index: number, parley: Measured, other: Measured): Comparison {
  const targeted = other.name === TARGET.peer && index === WINDOWS.length - 1
  return {
    name: `${other.name}, window ${WINDOWS[index]}`,
    unit: 'deliveries/s',
    by: 'ratio',
    target: targeted ? { least: TARGET.least } : null,
    counted: 'deliveries',
    sides: [parley.name, other.name],
    parley: parley.turns[index] ?? [],
    limit: other.turns[index] ?? [],
  }
}

/** Without the costs, which the first comparison has shown. */
function brief({ turns, ...rest }: Measured): Measured {
  return { ...rest, turns: turns.map((each) => each.map((turn) => ({ ...turn, cpu: {}, memory: {} }))) }
}

function measured(name: string, version: string, promises: Promises, target: Target): Measured {
  return { name, version, promises, target, turns: WINDOWS.map(() => []) }
}

interface Measured {
  readonly name: string
  readonly version: string
  readonly promises: Promises
  readonly target: Target
  /** By window. */
  readonly turns: readonly Turn[][]
}
