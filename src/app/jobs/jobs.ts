import type { Cluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import type { Clock, Core, Store } from '../../core/index.ts'
import { keepAlive, type Logger } from '../../server/index.ts'
import { foldNames, type OpenIdentities, type Sockets } from '../start/index.ts'
import { connectNodes } from './connect-nodes.ts'
import { followEpochs } from './follow-epochs.ts'
import { every, sweep } from './periodic.ts'

export interface JobParts {
  readonly store: Store
  readonly cluster: Cluster
  readonly core: Core
  readonly identity: OpenIdentities
  readonly sockets: Sockets
  readonly clock: Clock
  readonly log: Logger
}

const SWEEP_MS = 60_000
const TIDY_MS = 10_000
/** A node that was killed may have left files behind, and starts again soon. */
const SOON_MS = 3000

/** Starts everything that runs beside the requests. Returns functions that each stop one of the jobs. */
export function startJobs(config: Config, parts: JobParts): (() => void)[] {
  const { store, cluster, core, identity, sockets, clock, log } = parts
  const { connections, broadcast } = sockets
  const { identities } = identity
  const nodes = connectNodes({ cluster, clock, core, broadcast, connections, identity, log })
  core.indexer.start()
  return [
    core.indexer.stop,
    keepAlive(connections, clock, config.socket),
    nodes.stop,
    followEpochs({ core, connections, identities, findEnded: nodes.findEnded, log }),
    every(SWEEP_MS, () => sweep(store), log),
    every(SWEEP_MS, core.tendAttachments, log, SOON_MS),
    every(SWEEP_MS, () => foldNames(store, log), log),
    every(SWEEP_MS, core.guests.tend, log),
    every(TIDY_MS, identities.tidy, log),
  ]
}
